# Fixed effects where two units have one row each: kept, and dropped.
#
#   Rscript singletons.R
#
# Writes singletons_<effects>.json. Keeping them leaves the coefficients as they are and changes N, the rank and the
# number of clusters; their residuals are zero.

source("common.R")
suppressPackageStartupMessages({ library(plm); library(sandwich) })

values <- function(d, effects) {
  d$unit_ <- droplevels(d$unit_); d$time_ <- droplevels(d$time_)
  absorbed <- c(unit = "unit_", time = "time_")[effects]
  slopes <- c("value", "capital")
  fit <- lm(reformulate(c(slopes, absorbed), "inv"), data = d)
  n <- nrow(d); rank <- fit$rank; G <- nlevels(d$unit_); T <- nlevels(d$time_); size <- c(unit = G, time = T)
  se <- list()
  put <- function(key, v) se[[key]] <<- errors(v, slopes)
  put("iid", vcov(fit)); put("HC0", vcovHC(fit, type = "HC0")); put("HC1", vcovHC(fit, type = "HC1"))
  cr0 <- vcovCL(fit, cluster = d$unit_, type = "HC0", cadjust = FALSE)
  put("CR0_unit", cr0); put("CRV1_unit_full", vcovCL(fit, cluster = d$unit_, type = "HC1"))
  K <- length(slopes) + 1 + sum(size[setdiff(effects, "unit")] - 1)
  put("CRV1_unit_nested", cr0 * G / (G - 1) * (n - 1) / (n - K))
  put("CRV1_unit_none", cr0 * G / (G - 1) * (n - 1) / (n - length(slopes)))
  within <- plm(inv ~ value + capital, data = d, index = c("unit_", "time_"), model = "within",
                effect = if (length(effects) == 2) "twoways" else "individual")
  close_to(se$CRV1_unit_none, errors(vcovHC(within, method = "arellano", type = "sss")), "sss", 1e-8)
  list(params = coef(fit)[slopes], se = se, n = n, units = G, periods = T, rank = rank, rss = sum(residuals(fit)^2))
}

datasets$grunfeld_singletons <- datasets$grunfeld
for (effects in list("unit", c("unit", "time"))) {
  d <- dataset("grunfeld_singletons")
  alone <- names(which(table(d$unit_) == 1))
  kept <- values(d, effects); dropped <- values(d[!d$unit_ %in% alone, ], effects)
  write_case(list(
    case = paste0("singletons_", paste(effects, collapse = "_")), data = "grunfeld_singletons.csv", unit = "firm", time = "year",
    model = govdata_formula(datasets$grunfeld, effects), r_code = "lm with factor(unit) [+ factor(time)]", script = "singletons.R",
    software = versions("plm", "sandwich"), singletons = alone, kept = kept, dropped = dropped))
}
