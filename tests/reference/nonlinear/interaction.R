# Certified values: the marginal effect of x at values of a moderator z, with delta-method standard errors (Brambor,
# Clark and Golder 2006).   Rscript interaction.R
#
# writes interaction_produc.csv (plm's Produc, logs) and interaction.json. The effect is b_x + z b_xz, its variance
# V_xx + z^2 V_zz + 2 z V_xz, from lm with sandwich's clustered covariance.

here <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
source(file.path(if (length(here)) dirname(here) else ".", "common.R"))
suppressPackageStartupMessages(library(sandwich))

data("Produc", package = "plm")
d <- settle(data.frame(state = as.character(Produc$state), year = Produc$year, region = paste0("r", Produc$region),
                       lgsp = log(Produc$gsp), lpc = log(Produc$pc), lemp = log(Produc$emp), unemp = Produc$unemp,
                       late = as.integer(Produc$year >= 1980)), "interaction_produc.csv")

one <- function(formula, effects, x, z, values) {
  rhs <- gsub("C\\(", "factor(", sub("^.*~", "", formula))
  fit <- lm(as.formula(paste("lgsp ~", paste(c(rhs, sprintf("factor(%s)", effects)), collapse = " + "))), d)
  n <- nobs(fit); k <- fit$rank; g <- size(d$state); periods <- size(d$year)
  levels <- c(state = g, year = periods)
  slopes <- names(coef(fit))[!grepl("^factor\\((state|year)\\)|Intercept", names(coef(fit)))]
  nested <- length(slopes) + 1 + sum(levels[setdiff(effects, "state")] - 1)
  cr0 <- vcovCL(fit, cluster = d$state, type = "HC0", cadjust = FALSE)
  covs <- list(iid = vcov(fit), HC1 = vcovHC(fit, "HC1"), CR0_state = cr0, CR1_state = cr0 * g / (g - 1),
               CRV1_state_nested = cr0 * g / (g - 1) * (n - 1) / (n - nested), CRV1_state_full = cr0 * g / (g - 1) * (n - 1) / (n - k))
  same(diag(vcovCL(fit, cluster = d$state, type = "HC1")), diag(covs$CRV1_state_full), "CRV1 full")
  # weights of the coefficients in the effect at each value of z
  other <- function(level) {
    name <- c(paste0(x, ":", z, level), paste0(z, level, ":", x))
    name[name %in% names(coef(fit))]
  }
  contrast <- function(value) {
    w <- setNames(numeric(length(coef(fit))), names(coef(fit)))
    w[x] <- 1
    if (is.character(value)) { if (length(other(value))) w[other(value)] <- 1 } else w[other("")] <- value
    w
  }
  w <- sapply(values, contrast)
  b <- coef(fit); ok <- !is.na(b)
  effect <- drop(t(w[ok, ]) %*% b[ok])
  se <- lapply(covs, function(v) sqrt(colSums(w[ok, ] * (v[ok, ok] %*% w[ok, ]))))
  crv1 <- se$CRV1_state_nested
  label <- setNames(b[slopes], canonical(slopes))
  out <- list(model = paste0(formula, if (length(effects)) paste(" |", paste(effects, collapse = " + "))), x = x, z = z, n = n,
       rank = k, n_clusters = g, params = label, params_se = lapply(covs, function(v) errors(v[slopes, slopes], names(label))),
       at = values, effect = unname(effect), se = lapply(se, unname),
       ci95_CRV1_state_nested_t_clusters = list(low = unname(effect - qt(0.975, g - 1) * crv1), high = unname(effect + qt(0.975, g - 1) * crv1)),
       ci95_iid_t_residual = list(low = unname(effect - qt(0.975, n - k) * se$iid), high = unname(effect + qt(0.975, n - k) * se$iid)))
  out$p_CRV1_state_nested_t_clusters <- unname(2 * pt(-abs(effect / crv1), g - 1))
  out
}

q <- function(p) unname(quantile(d$unemp, p))
grid <- c(min(d$unemp), q(.1), q(.25), q(.5), mean(d$unemp), q(.75), q(.9), max(d$unemp), 0)
out <- list(case = "interaction", data = "interaction_produc.csv", unit = "state", time = "year", software = software("sandwich", "plm"),
  pooled = one("lgsp ~ lpc + unemp + lemp + lpc:unemp", NULL, "lpc", "unemp", grid),
  oneway = one("lgsp ~ lpc + unemp + lemp + lpc:unemp", "state", "lpc", "unemp", grid),
  twoway = one("lgsp ~ lpc + unemp + lemp + lpc:unemp", c("state", "year"), "lpc", "unemp", grid),
  twoway_swapped = one("lgsp ~ lpc + unemp + lemp + lpc:unemp", c("state", "year"), "unemp", "lpc",
                       c(min(d$lpc), unname(quantile(d$lpc, .5)), max(d$lpc))),
  twoway_absorbed_moderator = one("lgsp ~ lpc + lemp + lpc:late", c("state", "year"), "lpc", "late", c(0, 1)),
  binary_moderator = one("lgsp ~ lpc + late + lemp + lpc:late", "state", "lpc", "late", c(0, 1)))
# a moderator of categories: the effect of x in each
levels <- sort(unique(d$region))
categories <- one("lgsp ~ lpc + C(region) + lemp + lpc:C(region)", NULL, "lpc", "factor(region)", levels)
categories$z <- "C(region)"
out$categories <- categories
save_json(out, "interaction.json")
