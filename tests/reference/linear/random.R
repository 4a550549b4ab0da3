# Random effects: four estimators of the variance components, three sets of effects, ML and REML.
#
#   Rscript random.R
#
# Writes random_<data>.json. GLS is plm's; the script checks its coefficients by GLS with the covariance of the errors
# written out, its robust covariances by their definition on the transformed regression, and ML and REML (the root of the
# profile score in the ratio of the variances) against lme4 and nlme.

source("common.R")
suppressPackageStartupMessages({ library(plm); library(clubSandwich); library(lme4); library(nlme) })

more <- list(wages = c("ed", "female"), males = c("school", "factor(ethn)"))

errors_of <- function(v) spoken(errors(v))

one <- function(name) {
  d <- dataset(name); s <- datasets[[name]]; xs <- c(s$x, more[[name]])
  f <- as.formula(sprintf("%s ~ %s", s$y, paste(xs, collapse = " + ")))
  p <- pdata.frame(d, index = c("unit_", "time_"), drop.index = FALSE)
  ols <- lm(f, data = d); X <- model.matrix(ols); y <- unname(model.response(model.frame(ols)))
  n <- nrow(X); K <- ncol(X); G <- nlevels(d$unit_); T <- nlevels(d$time_); balanced <- n == G * T
  params <- se <- extra <- refused <- list()
  for (effect in c("individual", "time", "twoways")) for (method in c("swar", "amemiya", "nerlove", "walhus")) {
    key <- if (effect == "individual") method else paste(method, effect, sep = "_")
    notes <- character()
    fit <- tryCatch(withCallingHandlers(plm(f, data = p, model = "random", effect = effect, random.method = method),
                                        warning = function(w) { notes <<- c(notes, conditionMessage(w)); invokeRestart("muffleWarning") }),
                    error = function(e) conditionMessage(e))
    if (is.character(fit)) { refused[[key]] <- fit; next }
    params[[key]] <- spoken(coef(fit)); se[[key]] <- errors_of(vcov(fit))
    sigma2 <- fit$ercomp$sigma2
    theta <- fit$ercomp$theta
    # GLS with the covariance of the errors written out
    V <- sigma2[["idios"]] * diag(n)
    if ("id" %in% names(sigma2)) V <- V + sigma2[["id"]] * outer(d$unit_, d$unit_, "==")
    if ("time" %in% names(sigma2)) V <- V + sigma2[["time"]] * outer(d$time_, d$time_, "==")
    W <- solve(V); A <- solve(crossprod(X, W %*% X)); b <- drop(A %*% crossprod(X, W %*% y))
    off <- max(abs(b - coef(fit)[names(b)]) / sqrt(diag(A)))
    if (off > 1e-7) extra[[key]]$gls_differs_in_se <- off
    facts <- list(sigma2 = sigma2, gls_params = spoken(setNames(b, colnames(X))),
                  gls_se = errors_of(A), notes = if (length(notes)) unique(notes) else NULL)
    shown <- function(th, g) if (length(th) == 1) unname(th) else
      if (length(th) == n) tapply(th, g, function(v) v[1]) else th
    facts$theta <- if (is.list(theta)) list(id = shown(theta$id, d$unit_), time = shown(theta$time, d$time_), total = if (length(theta$total) == 1) unname(theta$total) else NULL) else
      shown(theta, if (effect == "time") d$time_ else d$unit_)
    facts <- facts[!vapply(facts, is.null, TRUE)]
    extra[[key]] <- c(extra[[key]], facts)
    Z <- model.matrix(fit); e <- as.vector(residuals(fit)); bread <- solve(crossprod(Z))
    z_by <- function(g) { v <- bread %*% crossprod(rowsum(Z * e, g)) %*% bread; dimnames(v) <- list(colnames(Z), colnames(Z)); v }
    if (effect == "twoways" && !balanced) next  # transformed regressors are not what vcovHC of plm 2.6 assumes
    if (method != "swar" && effect != "individual") next
    put <- function(suffix, v) se[[paste(key, suffix, sep = "_")]] <<- errors_of(v)
    put("HC0", vcovHC(fit, method = "white1", type = "HC0"))
    close_to(errors(vcovHC(fit, method = "white1", type = "HC0")), errors(z_by(seq_len(n))), paste(name, key, "white1"), 1e-7)
    for (cluster in c("unit", "time")) {
      g <- if (cluster == "unit") d$unit_ else d$time_; side <- if (cluster == "unit") "group" else "time"; m <- nlevels(g)
      v <- vcovHC(fit, method = "arellano", type = "HC0", cluster = side)
      close_to(errors(v), errors(z_by(g)), paste(name, key, cluster), 1e-7)
      put(paste0("CR0_", cluster), v)
      put(paste0("CRHC1_", cluster), vcovHC(fit, method = "arellano", type = "HC1", cluster = side))
      put(paste0("CRV1_", cluster), vcovHC(fit, method = "arellano", type = "sss", cluster = side))
      close_to(se[[paste0(key, "_CRV1_", cluster)]], errors(z_by(g) * m / (m - 1) * (n - 1) / (n - K)), "sss", 1e-7)
    }
    put("CR0_twoway", vcovDC(fit, method = "arellano", type = "HC0"))
    put("DK", vcovSCC(fit, type = "HC0"))
    for (lags in c(0, 1, 3)) if (lags < T - 1) put(paste0("DK_", lags), vcovSCC(fit, type = "HC0", maxlag = lags))
    if (method == "swar" && effect == "individual" && G <= 60) {
      found <- tryCatch(coef_test(fit, vcov = vcovCR(fit, cluster = "individual", type = "CR2"), test = "Satterthwaite"),
                        error = function(e) NULL)
      if (!is.null(found)) extra[[key]]$CR2_unit_clubSandwich <- list(
        se = spoken(setNames(found$SE, names(coef(fit)))), df = spoken(setNames(found$df_Satt, names(coef(fit)))))
    }
  }
  for (kind in c("ml", "reml")) {
    a <- likelihood(y, X, d$unit_, kind == "reml")
    params[[kind]] <- spoken(a$b); se[[kind]] <- errors_of(a$v)
    if (kind == "ml") se$ml_adjusted <- errors_of(a$v * n / (n - K))
    mixed <- suppressMessages(lmer(update(f, . ~ . + (1 | unit_)), data = d, REML = kind == "reml",
                  control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-12))))
    other <- nlme::lme(f, random = ~ 1 | unit_, data = d, method = toupper(kind),
                       control = lmeControl(msTol = 1e-14, tolerance = 1e-12, msMaxIter = 1000, maxIter = 1000, opt = "nlminb"))
    extra[[kind]] <- list(sigma_u = a$sigma_u, sigma_e = a$sigma_e, loglik = a$loglik, off = list(
      lme4_params = max(abs(fixef(mixed)[names(a$b)] - a$b) / sqrt(diag(a$v))), lme4_se = max(abs(sqrt(diag(as.matrix(vcov(mixed)))) / sqrt(diag(a$v)) - 1)),
      lme4_loglik = abs(as.numeric(logLik(mixed)) / a$loglik - 1),
      nlme_params = max(abs(fixef(other)[names(a$b)] - a$b) / sqrt(diag(a$v))), nlme_se = max(abs(sqrt(diag(vcov(other))) / sqrt(diag(a$v)) - 1)),
      nlme_loglik = abs(as.numeric(logLik(other)) / a$loglik - 1)))
    if (kind == "ml") close_to(summary(other)$tTable[, "Std.Error"], se$ml_adjusted, "nlme's adjusted errors", 1e-4)
    worst <- max(unlist(extra[[kind]]$off))
    if (worst > 1e-4) stop(name, " ", kind, " off by ", worst)
  }
  write_case(list(
    case = paste0("random_", name), data = paste0(name, ".csv"), unit = s$unit, time = s$time,
    model = gsub("factor(", "C(", govdata_formula(s, x = xs), fixed = TRUE), r_code = deparse1(f), script = "random.R",
    software = versions("plm", "lme4", "nlme", "clubSandwich"), n = n, units = G, periods = T, balanced = balanced,
    params = params, se = se, extra = c(extra, list(refused = refused))))
  cat(name, length(params), length(refused), "\n"); for (k in names(refused)) cat("   ", k, refused[[k]], "\n")
  for (k in names(extra)) if (!is.null(extra[[k]]$gls_differs_in_se)) cat("   gls", k, extra[[k]]$gls_differs_in_se, "\n")
}

chosen <- commandArgs(trailingOnly = TRUE)
for (name in if (length(chosen)) chosen else c("grunfeld", "grunfeld_gaps", "grunfeld_ends", "grunfeld_six", "gasoline", "produc",
                                              "empluk", "wages", "males", "cigar")) one(name)
