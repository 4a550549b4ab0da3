# Certified values: specification, dependence, serial correlation and unit-root tests of panels.   Rscript paneltests.R
#
# writes grunfeld.csv, produc.csv, empluk.csv, gasoline.csv (plm's data), holes.csv (Grunfeld with rows taken out, gaps
# inside) and paneltests.json. Needs R with plm, lmtest, sandwich, and urca for the p-values of MacKinnon (1996)
# (Debian: r-cran-plm r-cran-lmtest r-cran-sandwich r-cran-urca). Tests plm lacks are computed from their definition,
# written out below. README.md explains every key.

suppressPackageStartupMessages({ library(plm); library(sandwich); library(lmtest) })
here <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
source(file.path(if (length(here)) dirname(here) else ".", "..", "nonlinear", "common.R"))
if (!requireNamespace("urca", quietly = TRUE)) stop("this script needs the package urca")

# ---- data ------------------------------------------------------------------------------------------------------------

data("Grunfeld", "Produc", "EmplUK", "Gasoline", package = "plm")
grunfeld <- settle(as.data.frame(Grunfeld)[, c("firm", "year", "inv", "value", "capital")], "grunfeld.csv")
produc <- settle(data.frame(state = as.character(Produc$state), year = Produc$year, lgsp = log(Produc$gsp), lpcap = log(Produc$pcap),
                            lpc = log(Produc$pc), lemp = log(Produc$emp), unemp = Produc$unemp), "produc.csv")
empluk <- settle(with(as.data.frame(EmplUK), data.frame(firm, year, lemp = log(emp), lwage = log(wage), lcapital = log(capital),
                                                        loutput = log(output))), "empluk.csv")
gasoline <- settle(data.frame(country = as.character(Gasoline$country), year = Gasoline$year,
                              Gasoline[, c("lgaspcar", "lincomep", "lrpmg", "lcarpcap")]), "gasoline.csv")
out_of <- list(c(1, 1940), c(1, 1941), c(2, 1935), c(2, 1936), c(2, 1937), c(3, 1954), c(4, 1945), c(5, 1938), c(5, 1944),
               c(5, 1950), c(7, 1952), c(7, 1953), c(7, 1954), c(8, 1947), c(9, 1935), c(9, 1949), c(10, 1942), c(10, 1943))
holes <- grunfeld[!paste(grunfeld$firm, grunfeld$year) %in% vapply(out_of, paste, "", collapse = " "), ]
holes <- settle(holes, "holes.csv")

# ---- reading R's tests -----------------------------------------------------------------------------------------------

heard <- character()
quiet <- function(expr) withCallingHandlers(
  tryCatch(expr, error = function(e) list(refused = conditionMessage(e))),
  warning = function(w) { heard <<- c(heard, conditionMessage(w)); invokeRestart("muffleWarning") })
test <- function(expr) {
  heard <<- character()
  t <- quiet(expr)
  if (!is.null(t$refused)) return(t)
  parameter <- t$parameter
  if (!is.null(parameter) && length(parameter) == 1) parameter <- unname(parameter)
  c(list(statistic = unname(t$statistic), parameter = if (length(parameter) > 1) as.list(parameter) else parameter,
         p_value = if (is.null(t$p.value)) NULL else unname(t$p.value), method = t$method),
    if (length(heard)) list(warnings = as.list(unique(heard))))
}
chi <- function(statistic, df, method) list(statistic = unname(statistic), parameter = df,
                                            p_value = unname(pchisq(statistic, df, lower.tail = FALSE)), method = method)

# ---- dependence across units -----------------------------------------------------------------------------------------

# Pesaran's CD and the LM family from a column of residuals, over each pair's common periods. `centred`: correlations are
# of residuals less their mean over the common periods (R, Pesaran 2015); otherwise the raw moments (Pesaran 2004).
cross <- function(e, unit, time) {
  wide <- tapply(e, list(time, unit), sum)
  at <- function(centred) {
    rho <- common <- numeric()
    n <- ncol(wide)
    for (i in seq_len(n - 1)) for (j in (i + 1):n) {
      both <- !is.na(wide[, i]) & !is.na(wide[, j])
      if (sum(both) <= 1) next
      a <- wide[both, i]; b <- wide[both, j]
      if (centred) { a <- a - mean(a); b <- b - mean(b) }
      rho <- c(rho, sum(a * b) / sqrt(sum(a^2) * sum(b^2))); common <- c(common, sum(both))
    }
    pairs <- length(rho)
    cd <- sum(sqrt(common) * rho) / sqrt(pairs)
    lm <- sum(common * rho^2)
    sclm <- sum(common * rho^2 - 1) / sqrt(2 * pairs)
    list(cd = cd, cd_p = 2 * pnorm(-abs(cd)), lm = lm, lm_df = pairs, lm_p = pchisq(lm, pairs, lower.tail = FALSE),
         sclm = sclm, sclm_p = 2 * pnorm(-abs(sclm)), mean_rho = mean(rho), mean_abs_rho = mean(abs(rho)), pairs = pairs)
  }
  list(centred = at(TRUE), raw = at(FALSE))
}

dependence <- function(formula, data, index, variable) {
  p <- pdata.frame(data, index = index)
  out <- list()
  fits <- list(pooling = plm(formula, p, model = "pooling"), within = plm(formula, p, model = "within"),
               within_time = plm(formula, p, model = "within", effect = "time"),
               within_twoways = plm(formula, p, model = "within", effect = "twoways"))
  for (name in names(fits)) {
    which <- attr(model.frame(fits[[name]]), "index")
    mine <- cross(as.numeric(residuals(fits[[name]])), which[[1]], which[[2]])
    for (kind in c("cd", "lm", "sclm", "rho", "absrho")) {
      r <- test(pcdtest(fits[[name]], test = kind))
      same(r$statistic, mine$centred[[switch(kind, rho = "mean_rho", absrho = "mean_abs_rho", kind)]], paste("pcdtest", kind), 1e-8)
      out[[paste("pcdtest", name, kind, sep = "_")]] <- r
    }
    out[[paste("cd_raw_moments", name, sep = "_")]] <- mine$raw
  }
  for (name in c("within", "within_twoways"))
    out[[paste("pcdtest", name, "bcsclm", sep = "_")]] <- test(pcdtest(fits[[name]], test = "bcsclm"))
  for (kind in c("cd", "lm", "sclm")) {
    out[[paste("pcdtest_by_unit", kind, sep = "_")]] <- test(pcdtest(formula, data = p, test = kind))
    out[[paste("pcdtest_variable", kind, sep = "_")]] <- test(pcdtest(p[[variable]], test = kind))
  }
  out
}

# ---- effects ---------------------------------------------------------------------------------------------------------

effects <- function(formula, data, index) {
  p <- pdata.frame(data, index = index)
  pool <- plm(formula, p, model = "pooling")
  out <- list()
  for (effect in c("individual", "time", "twoways")) {
    kinds <- if (effect == "twoways") c("bp", "honda", "kw", "ghm") else c("bp", "honda", "kw")
    for (kind in kinds) out[[paste("plmtest", effect, kind, sep = "_")]] <- test(plmtest(pool, effect = effect, type = kind))
    within <- plm(formula, p, model = "within", effect = effect)
    out[[paste("pFtest", effect, sep = "_")]] <- test(pFtest(within, pool))
  }
  both <- plm(formula, p, model = "within", effect = "twoways")
  out$pFtest_twoways_against_individual <- test(pFtest(both, plm(formula, p, model = "within")))
  out$pFtest_twoways_against_time <- test(pFtest(both, plm(formula, p, model = "within", effect = "time")))
  # the same slopes in every unit? against a regression by unit
  by_unit <- tryCatch(pvcm(formula, p, model = "within"), error = function(e) NULL)
  if (!is.null(by_unit)) {
    out$pooltest_within <- test(pooltest(plm(formula, p, model = "within"), by_unit))
    out$pooltest_pooling <- test(pooltest(pool, by_unit))
  }
  out$pwtest_individual <- test(pwtest(formula, data = p))
  out$pwtest_time <- test(pwtest(formula, data = p, effect = "time"))
  out
}

# ---- serial correlation and unequal variances ------------------------------------------------------------------------

# Wooldridge's test in the form of Drukker (2003): residuals of the regression in first differences without a constant,
# on their own lag without a constant; the slope is -1/2 under the null; unit-clustered with G/(G-1) (N-1)/(N-K), F(1, G-1).
# Differences and lags are calendar ones.
wooldridge_drukker <- function(formula, data, index) {
  f <- model.frame(formula, data)
  y <- model.response(f); x <- model.matrix(formula, data)[, -1, drop = FALSE]
  unit <- data[[index[1]]]; time <- data[[index[2]]]
  before <- match(paste(unit, time - 1), paste(unit, time))
  dy <- y - y[before]; dx <- x - x[before, , drop = FALSE]
  ok <- !is.na(before)
  first <- lm(dy[ok] ~ dx[ok, , drop = FALSE] - 1)
  e <- rep(NA, length(y)); e[ok] <- residuals(first)
  lagged <- e[before]
  use <- !is.na(e) & !is.na(lagged)
  variants <- list(none = lm(e[use] ~ lagged[use] - 1), constant = lm(e[use] ~ lagged[use]))
  lapply(variants, function(fit) {
    last <- length(coef(fit)); g <- size(unit[use])
    se <- function(type, adjust) sqrt(vcovCL(fit, cluster = unit[use], type = type, cadjust = adjust)[last, last])
    f_of <- function(s) ((coef(fit)[last] + 0.5) / s)^2
    crv1 <- se("HC1", TRUE)
    list(statistic = unname(f_of(crv1)), parameter = list(df1 = 1, df2 = g - 1),
         p_value = unname(pf(f_of(crv1), 1, g - 1, lower.tail = FALSE)), coefficient = unname(coef(fit)[last]), se_CRV1 = crv1,
         se_CR0 = se("HC0", FALSE), se_CR1 = se("HC0", TRUE), statistic_CR0 = unname(f_of(se("HC0", FALSE))),
         n_differences = sum(ok), n_lags = sum(use), clusters = g)
  })
}

# Wooldridge's test for fixed effects residuals: e on its own lag with a constant; the slope is -1/(T-1) under the null.
# Here with calendar lags, which is plm's pwartest whenever no unit has a gap inside. T is the number of distinct periods.
within_lag <- function(formula, data, index) {
  p <- pdata.frame(data, index = index)
  fit <- plm(formula, p, model = "within")
  which <- attr(model.frame(fit), "index")
  e <- as.numeric(residuals(fit)); unit <- as.character(which[[1]]); time <- as.integer(as.character(which[[2]]))
  before <- match(paste(unit, time - 1), paste(unit, time))
  use <- !is.na(before)
  aux <- lm(e[use] ~ e[before][use])
  periods <- size(time)
  s <- sqrt(vcovCL(aux, cluster = unit[use], type = "HC0", cadjust = FALSE)[2, 2])
  f <- ((coef(aux)[[2]] + 1 / (periods - 1)) / s)^2
  list(statistic = f, parameter = list(df1 = 1, df2 = df.residual(aux)), p_value = pf(f, 1, df.residual(aux), lower.tail = FALSE),
       coefficient = coef(aux)[[2]], se_CR0 = s, null = -1 / (periods - 1), n = sum(use))
}

# the modified Wald test of equal variances across units (Greene 2000; Baum 2001 for unbalanced panels)
modified_wald <- function(formula, data, index) {
  p <- pdata.frame(data, index = index)
  fit <- plm(formula, p, model = "within")
  unit <- attr(model.frame(fit), "index")[[1]]
  e <- as.numeric(residuals(fit))
  parts <- split(e^2, unit, drop = TRUE)
  own <- vapply(parts, mean, 0)
  spread <- vapply(parts, function(q) sum((q - mean(q))^2) / (length(q) * (length(q) - 1)), 0)
  overall <- mean(e^2) - mean(e)^2
  chi(sum((own - overall)^2 / spread), length(own), "modified Wald test of equal variances across units, within residuals")
}

serial <- function(formula, data, index, gaps = FALSE) {
  p <- pdata.frame(data, index = index)
  within <- plm(formula, p, model = "within"); pool <- plm(formula, p, model = "pooling")
  drukker <- wooldridge_drukker(formula, data, index)
  out <- list(wooldridge_drukker = drukker$none, wooldridge_drukker_constant = drukker$constant,
              wooldridge_within_calendar = within_lag(formula, data, index), modified_wald = modified_wald(formula, data, index))
  rows <- list(pwartest = test(pwartest(within)),
               pwfdtest_fd = test(pwfdtest(formula, data = p, h0 = "fd")), pwfdtest_fe = test(pwfdtest(formula, data = p, h0 = "fe")))
  if (!gaps) same(rows$pwartest$statistic, out$wooldridge_within_calendar$statistic, "pwartest", 1e-8)
  for (order in 1:2) for (kind in c("Chisq", "F")) {
    rows[[paste("pbgtest_within", order, kind, sep = "_")]] <- test(pbgtest(within, order = order, type = kind))
    rows[[paste("pbgtest_pooling", order, kind, sep = "_")]] <- test(pbgtest(pool, order = order, type = kind))
  }
  rows$pbgtest_within_default <- test(pbgtest(within))
  # plm's lags here are rows above, whatever the year; where units have gaps that is not the calendar
  if (gaps) names(rows) <- paste0(names(rows), "_rows")
  out <- c(out, rows)
  if (is.pbalanced(p)) {
    out$pbltest <- test(pbltest(formula, p))
    out$pbltest_onesided <- test(pbltest(formula, p, alternative = "onesided"))
  }
  for (kind in c("ar", "j", "re")) out[[paste0("pbsytest_", kind, if (gaps) "_rows")]] <- test(pbsytest(formula, data = p, test = kind))
  out
}

# ---- Hausman and Mundlak ---------------------------------------------------------------------------------------------

hausman <- function(formula, data, index) {
  p <- pdata.frame(data, index = index)
  out <- list()
  random <- function(method, ...) tryCatch(plm(formula, p, model = "random", random.method = method, ...), error = function(e) NULL)
  within <- plm(formula, p, model = "within"); between <- plm(formula, p, model = "between")
  for (method in c("swar", "amemiya", "walhus", "nerlove")) {
    re <- quiet(random(method))
    if (inherits(re, "plm")) {
      h <- test(phtest(within, re))
      h$difference <- as.list(coef(within) - coef(re)[names(coef(within))])
      out[[paste0("hausman_classic_", method)]] <- h
    }
  }
  out$hausman_within_between <- test(phtest(within, between))
  if (is.pbalanced(p)) out$hausman_classic_swar_twoways <- test(phtest(plm(formula, p, model = "within", effect = "twoways"),
                                                                       random("swar", effect = "twoways")))
  out$hausman_classic_swar_time <- test(phtest(plm(formula, p, model = "within", effect = "time"), random("swar", effect = "time")))
  out$hausman_aux <- test(phtest(formula, data = p, method = "aux"))
  for (method in c("arellano", "white1", "white2")) for (type in c("HC0", "HC1", "sss")) {
    v <- function(x) vcovHC(x, method = method, type = type)
    r <- test(phtest(formula, data = p, method = "aux", vcov = v))
    r$method <- sprintf("Regression-based Hausman test, vcovHC(method = %s, type = %s)", method, type)
    out[[paste("hausman_aux", method, type, sep = "_")]] <- r
  }

  # Mundlak: the regression with the unit means of the covariates over the rows used; are the means' slopes nil together?
  slopes <- names(coef(within))
  d <- data
  for (name in slopes) d[[paste0("m_", name)]] <- ave(d[[name]], d[[index[1]]])
  means <- paste0("m_", slopes)
  long <- update(formula, reformulate(c(".", means), "."))
  pd <- pdata.frame(d, index = index)
  # Random effects with the means: the means add nothing within units and repeat the covariates between them, so the
  # variance components (Swamy-Arora), hence the weights theta, are those of the regression without them. plm cannot take
  # the collinear columns when the panel is unbalanced: the quasi-demeaned regression is run by hand, and compared.
  base <- plm(formula, p, model = "random")
  unit <- as.character(attr(model.frame(base), "index")[[1]])
  theta <- base$ercomp$theta
  by_row <- if (is.list(theta)) theta$id else theta
  if (length(by_row) == 1) by_row <- rep(by_row, length(unit))
  frame <- model.frame(long, as.data.frame(pd))
  pooled <- plm(long, pd, model = "pooling")
  xs <- list(re_swar = cbind(1, as.matrix(frame[, -1])), pooling = cbind(1, as.matrix(frame[, -1])))
  ys <- list(re_swar = frame[[1]], pooling = frame[[1]])
  keys <- as.character(d[[index[1]]])
  stopifnot(identical(keys, unit))
  ys$re_swar <- ys$re_swar - by_row * ave(ys$re_swar, keys)
  xs$re_swar <- xs$re_swar - by_row * apply(xs$re_swar, 2, ave, keys)
  names <- c("(Intercept)", slopes, means)
  for (name in names(xs)) {
    x <- xs[[name]]; y <- ys[[name]]; colnames(x) <- names
    fit <- lm.fit(x, y)
    e <- fit$residuals; n <- nrow(x); k <- ncol(x); g <- size(keys)
    bread <- solve(crossprod(x))
    cr0 <- wrap(bread, meat(x * e, keys))
    covs <- list(classical = bread * sum(e^2) / (n - k), CR0 = cr0, CR1 = cr0 * g / (g - 1), CRHC1 = cr0 * n / (n - k),
                 CRV1 = cr0 * g / (g - 1) * (n - 1) / (n - k))
    packaged <- if (name == "pooling") pooled else if (is.pbalanced(p)) plm(long, pd, model = "random")
    if (!is.null(packaged)) {
      same(coef(packaged), fit$coefficients, "Mundlak coefficients", 1e-8)
      same(diag(vcov(packaged)), diag(covs$classical), "Mundlak classical", 1e-7)
      same(diag(vcovHC(packaged, method = "arellano", type = "HC0")), diag(cr0), "Mundlak CR0", 1e-7)
      same(diag(vcovHC(packaged, method = "arellano", type = "HC1")), diag(covs$CRHC1), "Mundlak CRHC1", 1e-7)
      same(diag(vcovHC(packaged, method = "arellano", type = "sss")), diag(covs$CRV1), "Mundlak CRV1", 1e-7)
    }
    for (v in names(covs)) {
      b <- fit$coefficients[means]
      w <- drop(b %*% solve(covs[[v]][means, means], b))
      q <- length(means); df2 <- if (v == "classical") n - k else g - 1
      out[[paste("mundlak", name, v, sep = "_")]] <- c(chi(w, q, paste("Wald test of the unit means,", v)),
        list(f = w / q, f_df2 = df2, f_p = pf(w / q, q, df2, lower.tail = FALSE)))
    }
    out[[paste("mundlak", name, "fit", sep = "_")]] <- list(
      params = setNames(as.list(fit$coefficients), canonical(names)), se = lapply(covs, function(v) as.list(errors(v))),
      theta = if (name == "pooling") NULL else range(by_row))
  }
  out
}

# ---- unit roots ------------------------------------------------------------------------------------------------------

roots <- function(data, index, variable, lags = 0:2, balanced = TRUE) {
  p <- pdata.frame(data, index = index)
  x <- p[[variable]]
  out <- list()
  ours <- function(t, extra = list()) {
    if (!is.null(t$refused)) return(t)
    base <- test(t$statistic)
    # the units' own statistics once for each regression: with the Maddala-Wu test
    if (t$args$test == "madwu") {
      base$unit_t <- array_of(vapply(t$idres, function(u) unname(u$trho), 0))
      base$unit_p <- array_of(vapply(t$idres, function(u) as.numeric(u$p.trho), 0))
      base$unit_lags <- array_of(vapply(t$idres, function(u) as.numeric(u$lags), 0))
    }
    if (is.matrix(t$adjval)) base$moments <- list(mean = mean(t$adjval[1, ]), variance = mean(t$adjval[2, ]))
    else if (length(t$adjval) == 2) base$moments <- list(mean = unname(t$adjval[1]), sd = unname(t$adjval[2]))
    c(base, extra)
  }
  run <- function(name, ...) { heard <<- character(); out[[name]] <<- ours(quiet(purtest(x, ...))) }
  for (exo in c("intercept", "trend")) {
    for (lag in c(as.list(lags), "AIC", "SIC", "Hall")) {
      tag <- paste(exo, lag, sep = "_")
      choose <- if (is.character(lag)) list(lags = lag, pmax = 3) else list(lags = lag)
      for (p_of in c("MacKinnon1996", "MacKinnon1994")) {
        short <- if (p_of == "MacKinnon1996") "" else "_mackinnon1994"
        for (kind in c("madwu", "Pm", "invnormal", "logit"))
          do.call(run, c(list(paste0("purtest_", kind, "_", tag, short), test = kind, exo = exo, p.approx = p_of), choose))
      }
      do.call(run, c(list(paste0("purtest_ips_", tag), test = "ips", exo = exo), choose))
      do.call(run, c(list(paste0("purtest_ips_ztbar_", tag), test = "ips", exo = exo, ips.stat = "Ztbar"), choose))
      if (balanced) do.call(run, c(list(paste0("purtest_levinlin_", tag), test = "levinlin", exo = exo), choose))
    }
    if (balanced) {
      run(paste0("purtest_hadri_", exo, "_robust"), test = "hadri", exo = exo, Hcons = TRUE)
      run(paste0("purtest_hadri_", exo, "_homogeneous"), test = "hadri", exo = exo, Hcons = FALSE)
    }
  }
  if (balanced) for (lag in 0:1) run(paste0("purtest_levinlin_none_", lag), test = "levinlin", exo = "none", lags = lag)
  for (type in c("drift", "trend")) for (lag in 1:2) for (model in c("cmg", "dmg", "mg")) for (cut in c(FALSE, TRUE)) {
    name <- paste0("cipstest_", model, "_", type, "_", lag, if (cut) "_truncated")
    out[[name]] <- test(cipstest(x, lags = lag, type = type, model = model, truncated = cut))
  }
  out
}

# ---- run -------------------------------------------------------------------------------------------------------------

cases <- list(
  grunfeld = list(data = "grunfeld.csv", unit = "firm", time = "year", model = "inv ~ value + capital", n = nrow(grunfeld)),
  produc = list(data = "produc.csv", unit = "state", time = "year", model = "lgsp ~ lpcap + lpc + lemp + unemp", n = nrow(produc)),
  empluk = list(data = "empluk.csv", unit = "firm", time = "year", model = "lemp ~ lwage + lcapital + loutput", n = nrow(empluk)),
  gasoline = list(data = "gasoline.csv", unit = "country", time = "year", model = "lgaspcar ~ lincomep + lrpmg + lcarpcap", n = nrow(gasoline)),
  holes = list(data = "holes.csv", unit = "firm", time = "year", model = "inv ~ value + capital", n = nrow(holes)))
frames <- list(grunfeld = grunfeld, produc = produc, empluk = empluk, gasoline = gasoline, holes = holes)
out <- list(case = "paneltests", software = software("plm", "lmtest", "sandwich", "urca"))
for (name in names(cases)) {
  at <- cases[[name]]; d <- frames[[name]]; index <- c(at$unit, at$time); f <- as.formula(at$model)
  out[[name]] <- c(at, list(dependence = dependence(f, d, index, all.vars(f)[1]), effects = effects(f, d, index),
                            serial = serial(f, d, index, gaps = name == "holes"), hausman = hausman(f, d, index)))
}
save_json(out, "paneltests.json")

unit_roots <- list(case = "unit_roots", software = software("plm", "urca"),
  grunfeld_inv = c(list(data = "grunfeld.csv", unit = "firm", time = "year", variable = "inv"), roots(grunfeld, c("firm", "year"), "inv")),
  grunfeld_value = c(list(data = "grunfeld.csv", unit = "firm", time = "year", variable = "value"), roots(grunfeld, c("firm", "year"), "value")),
  gasoline_lgaspcar = c(list(data = "gasoline.csv", unit = "country", time = "year", variable = "lgaspcar"),
                        roots(gasoline, c("country", "year"), "lgaspcar")),
  gasoline_lincomep = c(list(data = "gasoline.csv", unit = "country", time = "year", variable = "lincomep"),
                        roots(gasoline, c("country", "year"), "lincomep")))
# an unbalanced panel without gaps: Grunfeld with late entry and early exit
ragged <- grunfeld[!((grunfeld$firm == 2 & grunfeld$year < 1938) | (grunfeld$firm == 5 & grunfeld$year > 1951) |
                     (grunfeld$firm == 9 & grunfeld$year < 1937)), ]
ragged <- settle(ragged, "ragged.csv")
unit_roots$ragged_inv <- c(list(data = "ragged.csv", unit = "firm", time = "year", variable = "inv"),
                           roots(ragged, c("firm", "year"), "inv", balanced = FALSE))
# the p-values of one series' t statistic, large samples
tau <- c(seq(-6, 2, by = 0.5), -2.86154, -3.41049, -1.94077, -1.61, -2.89, -1.04)
unit_roots$adf_p <- c(list(tau = tau), sapply(c(none = "nc", intercept = "c", trend = "ct"), function(k)
  vapply(tau, function(t) as.numeric(urca::punitroot(t, N = Inf, trend = k)), 0), simplify = FALSE))
save_json(unit_roots, "unit_roots.json")
