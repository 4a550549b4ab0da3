# Pooled, one-way and two-way fixed effects under every convention of standard errors.
#
#   PCSE_SOURCE=... PANELAR_SOURCE=... Rscript fixed.R
#
# Writes fixed_<data>_<effects>.json. A value comes from a package where one offers the convention, and from its
# definition on the regression with indicators; the script stops if the two differ. README.md says what each key means.

source("common.R")
suppressPackageStartupMessages({ library(plm); library(sandwich); library(lmtest); library(clubSandwich) })
pcse_code <- archived("PCSE_SOURCE", "1.9.1.1")
panelar_code <- archived("PANELAR_SOURCE", "0.1")

driscoll_kraay <- function(x, e, periods, lags) {
  h <- rowsum(x * e, periods)  # one row per period, named by its year
  year <- as.numeric(rownames(h))
  S <- crossprod(h)
  for (l in seq_len(lags)) {
    before <- match(year - l, year)
    ok <- !is.na(before)
    C <- crossprod(h[ok, , drop = FALSE], h[before[ok], , drop = FALSE])
    S <- S + (1 - l / (lags + 1)) * (C + t(C))
  }
  bread <- solve(crossprod(x))
  v <- bread %*% S %*% bread
  dimnames(v) <- list(colnames(x), colnames(x))
  v
}

one <- function(name, effects, slow = TRUE) {
  d <- dataset(name); s <- datasets[[name]]
  absorbed <- c(unit = "unit_", time = "time_")[effects]
  rhs <- c(s$x, absorbed)
  f <- as.formula(sprintf("%s ~ %s", s$y, paste(rhs, collapse = " + ")))
  lsdv <- lm(f, data = d)
  plain <- as.formula(sprintf("%s ~ %s", s$y, paste(s$x, collapse = " + ")))
  p <- pdata.frame(d, index = c("unit_", "time_"), drop.index = FALSE)
  kind <- if (!length(effects)) "pooling" else "within"
  effect <- if (length(effects) == 2) "twoways" else if (identical(effects, "time")) "time" else "individual"
  within <- plm(plain, data = p, model = kind, effect = effect)
  terms <- if (length(effects)) s$x else c("(Intercept)", s$x)
  close_to(coef(lsdv)[terms], coef(within)[terms], "coefficients", 1e-8)

  n <- nrow(d); k <- length(terms)
  x <- model.matrix(lsdv); e <- residuals(lsdv)
  stopifnot(lsdv$rank == ncol(x)); rank <- lsdv$rank
  bread <- solve(crossprod(x))
  named <- function(v) { dimnames(v) <- list(colnames(x), colnames(x)); v }
  by <- function(g) named(bread %*% crossprod(rowsum(x * e, g)) %*% bread)
  G <- nlevels(d$unit_); T <- nlevels(d$time_)
  size <- c(unit = G, time = T)
  kstar <- function(rule, clusters) switch(rule, full = rank, none = k,
    nested = length(s$x) + 1 + sum(size[setdiff(effects, clusters)] - 1))
  scale <- function(groups, K) groups / (groups - 1) * (n - 1) / (n - K)
  by_unit <- by(d$unit_); by_time <- by(d$time_); by_cell <- by(seq_len(n))
  se <- list(); p_values <- list(); df <- list()
  put <- function(key, v) se[[key]] <<- errors(v, terms)

  put("iid", vcov(lsdv)); close_to(se$iid, errors(vcov(within), terms), "iid", 1e-8)
  # HC2 and HC3 divide by one less the leverage
  for (type in c("HC0", "HC1", if (max(hatvalues(lsdv)) < 1 - 1e-9) c("HC2", "HC3"))) put(type, vcovHC(lsdv, type = type))
  close_to(se$HC1, errors(by_cell * n / (n - rank), terms), "HC1")
  df$iid <- n - rank

  put("CR0_unit", vcovHC(within, method = "arellano", type = "HC0", cluster = "group"))
  close_to(se$CR0_unit, errors(by_unit, terms), "CR0 by unit", 1e-8)
  close_to(se$CR0_unit, errors(as.matrix(vcovCR(lsdv, cluster = d$unit_, type = "CR0")), terms), "CR0, clubSandwich", 1e-7)
  put("CR1_unit", as.matrix(vcovCR(lsdv, cluster = d$unit_, type = "CR1")))
  close_to(se$CR1_unit, errors(by_unit * G / (G - 1), terms), "CR1", 1e-7)
  put("CR1S_unit", as.matrix(vcovCR(lsdv, cluster = d$unit_, type = "CR1S")))
  close_to(se$CR1S_unit, errors(by_unit * scale(G, rank), terms), "CR1S", 1e-7)
  if (G > rank) {
    put("CR1p_unit", as.matrix(vcovCR(lsdv, cluster = d$unit_, type = "CR1p")))
    close_to(se$CR1p_unit, errors(by_unit * G / (G - rank), terms), "CR1p", 1e-7)
  }
  if (length(effects) && effect != "time") {
    for (type in c("CR1p", "CR1S")) put(sprintf("%s_unit_clubSandwich_plm", type),
                                        as.matrix(vcovCR(within, cluster = "individual", type = type)))
  }
  put("CRHC1_unit_none", vcovHC(within, method = "arellano", type = "HC1", cluster = "group"))
  close_to(se$CRHC1_unit_none, errors(by_unit * n / (n - k), terms), "CRHC1", 1e-8)
  put("CRHC1_unit_full", by_unit * n / (n - rank))
  put("CRV1_unit_none", vcovHC(within, method = "arellano", type = "sss", cluster = "group"))
  close_to(se$CRV1_unit_none, errors(by_unit * scale(G, k), terms), "CRV1 none", 1e-8)
  put("CRV1_unit_full", vcovCL(lsdv, cluster = d$unit_, type = "HC1"))
  close_to(se$CRV1_unit_full, errors(by_unit * scale(G, rank), terms), "CRV1 full")
  put("CRV1_unit_nested", by_unit * scale(G, kstar("nested", "unit")))
  put("CR0_time", vcovHC(within, method = "arellano", type = "HC0", cluster = "time"))
  close_to(se$CR0_time, errors(by_time, terms), "CR0 by time", 1e-8)
  put("CRV1_time_none", vcovHC(within, method = "arellano", type = "sss", cluster = "time"))
  close_to(se$CRV1_time_none, errors(by_time * scale(T, k), terms), "CRV1 by time none", 1e-8)
  put("CRV1_time_full", vcovCL(lsdv, cluster = d$time_, type = "HC1"))
  close_to(se$CRV1_time_full, errors(by_time * scale(T, rank), terms), "CRV1 by time full")
  put("CRV1_time_nested", by_time * scale(T, kstar("nested", "time")))

  two <- by_unit + by_time - by_cell
  put("CR0_twoway", vcovDC(within, method = "arellano", type = "HC0"))
  close_to(se$CR0_twoway, errors(two, terms), "two-way", 1e-7)
  close_to(se$CR0_twoway, errors(vcovCL(lsdv, cluster = d[c("unit_", "time_")], type = "HC0", cadjust = FALSE), terms),
           "two-way, sandwich", 1e-7)
  for (rule in c("nested", "full", "none")) {
    K <- kstar(rule, c("unit", "time"))
    put(paste0("CRV1_twoway_min_", rule), two * scale(min(G, T), K))
    put(paste0("CRV1_twoway_conventional_", rule),
        by_unit * scale(G, K) + by_time * scale(T, K) - by_cell * scale(n, K))
  }
  close_to(se$CRV1_twoway_conventional_full,
           errors(vcovCL(lsdv, cluster = d[c("unit_", "time_")], type = "HC1", multi0 = FALSE), terms), "two-way full", 1e-8)

  years <- d[[s$time]]
  default <- floor(max(table(d$unit_))^(1 / 4))  # plm takes the periods of the longest unit, not those of the panel
  positions <- as.integer(d$time_)
  for (lags in unique(c(0, 1, default, floor(T^(1 / 4)), 3))) {
    key <- paste0("DK_", lags)
    v <- driscoll_kraay(x, e, years, lags)
    put(key, v)
    plm_se <- errors(vcovSCC(within, type = "HC0", maxlag = lags), terms)
    if (all(diff(sort(unique(years))) == 1)) close_to(se[[key]], plm_se, key, 1e-7) else {
      close_to(plm_se, errors(driscoll_kraay(x, e, positions, lags), terms), "DK by position", 1e-7)
      se[[paste0(key, "_positions")]] <- plm_se
    }
    for (rule in c("full", "none")) put(paste0(key, "_df_", rule), v * T / (T - 1) * (n - 1) / (n - kstar(rule, "time")))
  }
  close_to(errors(vcovSCC(within, type = "HC0"), terms), errors(vcovSCC(within, type = "HC0", maxlag = default), terms), "lag")

  balanced <- n == G * T
  ids <- data.frame(unit = as.integer(d$unit_), time = as.integer(d$time_))
  pcse_of <- function(pairwise) pcse_code$pcse(lsdv, groupN = ids$unit, groupT = ids$time, pairwise = pairwise)$vcov
  for (pairwise in if (balanced) TRUE else c(TRUE, FALSE)) {
    key <- if (balanced) "PCSE" else if (pairwise) "PCSE_pairwise" else "PCSE_casewise"
    v <- pcse_direct(x, e, d$unit_, d$time_, pairwise)
    if (is.null(v)) next
    from <- suppressWarnings(pcse_of(pairwise))
    dimnames(from) <- dimnames(v)
    close_to(from[terms, terms], v[terms, terms], key, 1e-6)
    put(key, from)
  }
  full <- d
  full$unit_id <- as.integer(d$unit_); full$time_id <- as.integer(d$time_)
  het <- suppressMessages(panelar_code$panelAR(f, data = full, panelVar = "unit_id", timeVar = "time_id",
                                               autoCorr = "none", panelCorrMethod = "phet"))
  # panelAR sorts the units as text, so a term's place may move but not its name.
  se$PCSE_hetonly <- errors(het$vcov, terms)
  variance <- as.vector(tapply(e^2, d$unit_, mean))[as.integer(d$unit_)]
  close_to(se$PCSE_hetonly, errors(named(bread %*% crossprod(x * sqrt(variance)) %*% bread), terms), "hetonly", 1e-7)
  se$PCSE_hetonly_nmk <- se$PCSE_hetonly * sqrt(n / (n - rank))
  if (balanced) se$PCSE_nmk <- se$PCSE * sqrt(n / (n - rank)) else
    se$PCSE_pairwise_nmk <- se$PCSE_pairwise * sqrt(n / (n - rank))

  extra <- list()
  if (slow) {
    test <- coef_test(lsdv, vcov = vcovCR(lsdv, cluster = d$unit_, type = "CR2"), coefs = terms, test = "Satterthwaite")
    se$CR2_unit <- renamed(setNames(test$SE, terms))
    df$CR2_unit <- renamed(setNames(test$df_Satt, terms)); p_values$CR2_unit <- renamed(setNames(test$p_Satt, terms))
    if (effect != "time") {
      other <- coef_test(within, vcov = vcovCR(within, cluster = "individual", type = "CR2"), test = "Satterthwaite")
      rownames(other) <- names(coef(within))
      extra$CR2_unit_clubSandwich_plm <- list(se = renamed(setNames(other[terms, "SE"], terms)),
                                              df = renamed(setNames(other[terms, "df_Satt"], terms)))
      extra$CR2_lsdv_vs_plm <- list(
        se = max(abs(other[terms, "SE"] / test$SE - 1)), df = max(abs(other[terms, "df_Satt"] / test$df_Satt - 1)))
    }
    y <- model.response(model.frame(lsdv))
    out <- t(vapply(levels(d$unit_), function(u) {
      keep <- d$unit_ != u
      xs <- x[keep, , drop = FALSE]
      xs <- xs[, colSums(abs(xs)) > 0, drop = FALSE]
      lm.fit(xs, y[keep])$coefficients[terms]
    }, numeric(length(terms))))
    if (length(terms) == 1) out <- t(out)
    colnames(out) <- terms
    b <- coef(lsdv)[terms]
    se$CV3_unit <- renamed(sqrt((G - 1) / G * colSums(sweep(out, 2, b)^2)))
    se$CV3J_unit <- renamed(sqrt((G - 1) / G * colSums(sweep(out, 2, colMeans(out))^2)))
    if (G <= 20) extra$leave_one_unit_out <- lapply(split(out, seq_len(G)), function(r) renamed(setNames(r, terms)))
    if (G <= 20) names(extra$leave_one_unit_out) <- levels(d$unit_)
  }

  b <- coef(lsdv)[terms]
  p_values$iid <- renamed(2 * pt(-abs(b / se$iid), n - rank))
  p_values$CRV1_unit_nested <- renamed(2 * pt(-abs(b / se$CRV1_unit_nested), G - 1))
  df$CRV1_unit <- G - 1; df$CRV1_time <- T - 1; df$CRV1_twoway <- min(G, T) - 1
  extra$vcov_iid <- rows_of(vcov(lsdv)[terms, terms, drop = FALSE])
  extra$vcov_CR0_unit <- rows_of(by_unit[terms, terms, drop = FALSE])
  r2 <- summary(lsdv)$r.squared
  numbers <- list(rank = rank, rss = sum(e^2), sigma = sigma(lsdv) , r2 = r2, dk_default_lag_plm = default, dk_default_lag_periods = floor(T^(1 / 4)))
  if (length(effects)) numbers$r2_within <- 1 - sum(e^2) / sum(residuals(lm(
    as.formula(sprintf("%s ~ %s", s$y, paste(absorbed, collapse = " + "))), data = d))^2)
  label <- if (length(effects)) paste(effects, collapse = "_") else "pooled"
  write_case(list(
    case = sprintf("fixed_%s_%s", name, label), data = paste0(name, ".csv"), unit = s$unit, time = s$time,
    model = govdata_formula(s, effects), r_code = deparse1(f), script = "fixed.R",
    software = c(versions("plm", "sandwich", "clubSandwich"), list(pcse = "1.9.1.1", panelAR = "0.1")),
    n = n, units = G, periods = T, balanced = balanced, params = renamed(b), se = se, df = df, p = p_values,
    extra = c(numbers, extra)))
  cat(name, label, n, "\n")
}

chosen <- commandArgs(trailingOnly = TRUE)
names_ <- if (length(chosen)) chosen else c("grunfeld", "grunfeld_gaps", "grunfeld_ends", "grunfeld_hole", "grunfeld_sparse", "grunfeld_six", "gasoline",
                                           "produc", "empluk", "wages", "petersen", "cigar", "males")
for (name in names_) for (effects in list(character(), "unit", "time", c("unit", "time")))
  one(name, effects)
