# Mundlak's regression, within-between, and the Hausman test in three forms.
#
#   Rscript mundlak.R
#
# plm 2.6 stops on unbalanced data here (a mean and its variable are collinear between units), so that Swamy and Arora's
# components are written out in swamy_arora() after Baltagi and Chang (1994), with the collinear columns left out of the
# between regression; the script stops if they differ from plm's wherever plm has an answer.
#
# Writes mundlak_<data>.json. m_<x> is x's mean over a unit's rows, w_<x> its deviation from it.

source("common.R")
suppressPackageStartupMessages({ library(plm) })

invariant <- list(wages = c("ed", "female"))

independent <- function(x) { q <- qr(x); x[, sort(q$pivot[seq_len(q$rank)]), drop = FALSE] }

swamy_arora <- function(y, X, unit) {
  g <- as.integer(unit); T <- as.vector(table(unit)); n <- length(y); G <- length(T)
  mean_of <- function(m) rowsum(m, g) / T
  Xb <- mean_of(X); yb <- drop(mean_of(y)); deviation <- X - Xb[g, , drop = FALSE]
  varying <- colSums(deviation^2) > 1e-12 * colSums(X^2)
  inside <- lm.fit(independent(deviation[, varying, drop = FALSE]), y - yb[g])
  e2 <- sum(inside$residuals^2) / (n - G - inside$rank)
  B <- Xb[, colSums(Xb^2) > 1e-12 * colSums(X^2) / n, drop = FALSE]
  B <- independent(B)
  rb <- lm.fit(B * sqrt(T), yb * sqrt(T))$residuals
  trace <- sum(diag(solve(crossprod(B * sqrt(T)), crossprod(B * T))))
  u2 <- max(0, (sum(rb^2) - (G - ncol(B)) * e2) / (n - trace))
  theta <- 1 - sqrt(e2 / (e2 + T * u2))
  Xs <- X - theta[g] * Xb[g, , drop = FALSE]; ys <- y - theta[g] * yb[g]
  fit <- lm.fit(Xs, ys); K <- ncol(X); bread <- solve(crossprod(Xs))
  named <- function(v) { dimnames(v) <- list(colnames(X), colnames(X)); v }
  r <- fit$residuals; cr0 <- bread %*% crossprod(rowsum(Xs * r, g)) %*% bread
  list(b = setNames(fit$coefficients, colnames(X)), iid = named(bread * sum(r^2) / (n - K)), CR0 = named(cr0),
       sss = named(cr0 * G / (G - 1) * (n - 1) / (n - K)), sigma2 = list(idios = e2, id = u2), theta = setNames(theta, levels(unit)))
}

one <- function(name) {
  d <- dataset(name); s <- datasets[[name]]; z <- invariant[[name]]
  flat <- d
  names_x <- make.names(s$x)
  source_x <- model.matrix(reformulate(s$x), data = d)[, -1, drop = FALSE]
  flat$y_ <- unname(model.response(model.frame(as.formula(paste(s$y, "~ 1")), data = d)))
  for (i in seq_along(s$x)) {
    v <- source_x[, i]; m <- ave(v, d$unit_)
    flat[[paste0("x_", i)]] <- v; flat[[paste0("m_", i)]] <- m; flat[[paste0("w_", i)]] <- v - m
  }
  k <- length(s$x); x_ <- paste0("x_", 1:k); m_ <- paste0("m_", 1:k); w_ <- paste0("w_", 1:k)
  known <- setNames(c(s$x, paste0("m_", s$x), paste0("w_", s$x)), c(x_, m_, w_))
  say <- function(v) { v <- renamed(v); hit <- names(v) %in% names(known); names(v)[hit] <- known[names(v)[hit]]; v }
  p <- pdata.frame(flat, index = c("unit_", "time_"), drop.index = FALSE)
  re <- function(terms) plm(reformulate(terms, "y_"), data = p, model = "random", random.method = "swar")
  models <- list(mundlak = c(x_, m_, z), within_between = c(w_, m_, z))
  params <- se <- extra <- list()
  wald <- function(b, v, terms) {
    q <- drop(b[terms] %*% solve(v[terms, terms], b[terms]))
    list(statistic = q, df = length(terms), p = pchisq(q, length(terms), lower.tail = FALSE))
  }
  for (key in names(models)) {
    a <- swamy_arora(flat$y_, model.matrix(reformulate(models[[key]]), data = flat), d$unit_)
    fit <- tryCatch(re(models[[key]]), error = function(e) NULL)
    extra$plm_agrees[[key]] <- !is.null(fit)
    if (!is.null(fit)) {
      close_to(a$b, coef(fit)[names(a$b)], paste(name, key), 1e-6)
      close_to(errors(a$iid), errors(vcov(fit), names(a$b)), paste(name, key, "iid"), 1e-6)
      close_to(errors(a$CR0), errors(vcovHC(fit, method = "arellano", type = "HC0"), names(a$b)), paste(name, key, "CR0"), 1e-6)
      close_to(errors(a$sss), errors(vcovHC(fit, method = "arellano", type = "sss"), names(a$b)), paste(name, key, "sss"), 1e-6)
    }
    params[[key]] <- say(a$b)
    for (kind in c("iid", "CR0", "sss")) se[[paste0(key, c(iid = "_iid", CR0 = "_CR0_unit", sss = "_CRV1_unit")[[kind]])]] <- say(errors(a[[kind]]))
    extra[[key]] <- list(sigma2 = a$sigma2, theta = if (length(unique(a$theta)) == 1) a$theta[[1]] else a$theta)
    if (key == "mundlak") extra$mundlak_wald <- list(
      iid = wald(a$b, a$iid, m_), CR0_unit = wald(a$b, a$CR0, m_), CRV1_unit = wald(a$b, a$sss, m_))
    pooled <- plm(reformulate(models[[key]], "y_"), data = p, model = "pooling")
    params[[paste0("pooled_", key)]] <- say(coef(pooled))
    se[[paste0("pooled_", key, "_iid")]] <- say(errors(vcov(pooled)))
    arellano <- vcovHC(pooled, method = "arellano", type = "HC0"); sss <- vcovHC(pooled, method = "arellano", type = "sss")
    se[[paste0("pooled_", key, "_CR0_unit")]] <- say(errors(arellano)); se[[paste0("pooled_", key, "_CRV1_unit")]] <- say(errors(sss))
    if (key == "mundlak") extra$pooled_mundlak_wald <- list(
      iid = wald(coef(pooled), vcov(pooled), m_), CR0_unit = wald(coef(pooled), arellano, m_), CRV1_unit = wald(coef(pooled), sss, m_))
    X <- model.matrix(reformulate(models[[key]]), data = flat)
    for (kind in c("ml", "reml")) {
      a <- likelihood(flat$y_, X, d$unit_, kind == "reml")
      params[[paste(key, kind, sep = "_")]] <- say(a$b); se[[paste(key, kind, sep = "_")]] <- say(errors(a$v))
      extra[[paste(key, kind, sep = "_")]] <- list(sigma_u = a$sigma_u, sigma_e = a$sigma_e, loglik = a$loglik)
    }
  }
  base <- reformulate(c(x_, z), "y_"); varying <- reformulate(x_, "y_")
  within <- plm(varying, data = p, model = "within"); random <- plm(base, data = p, model = "random", random.method = "swar")
  params$within <- say(coef(within)); se$within_iid <- say(errors(vcov(within)))
  check <- swamy_arora(flat$y_, model.matrix(update(base, NULL ~ .), data = flat), d$unit_)
  close_to(unlist(check$sigma2), random$ercomp$sigma2[c("idios", "id")], "components", 1e-7)
  close_to(check$b, coef(random)[names(check$b)], "random", 1e-7)
  params$random <- say(coef(random)); se$random_iid <- say(errors(vcov(random)))
  said <- function(h) list(statistic = unname(h$statistic), df = unname(h$parameter), p = unname(h$p.value))
  extra$hausman <- said(phtest(within, random))
  b <- coef(within) - coef(random)[x_]; V <- vcov(within) - vcov(random)[x_, x_]
  close_to(extra$hausman$statistic, drop(b %*% solve(V, b)), "hausman", 1e-8)
  extra$hausman_difference_positive_definite <- all(eigen(V, symmetric = TRUE)$values > 0)
  # the same with one sigma_e (the within one) in both covariances
  ratio <- random$ercomp$sigma2[["idios"]] / (sum(residuals(random)^2) / random$df.residual)
  V <- vcov(within) - vcov(random)[x_, x_] * ratio
  q <- drop(b %*% solve(V, b)); extra$hausman_sigmamore_within <- list(statistic = q, df = k, p = pchisq(q, k, lower.tail = FALSE))
  V <- vcov(within) / ratio - vcov(random)[x_, x_]
  q <- drop(b %*% solve(V, b)); extra$hausman_sigmamore_random <- list(statistic = q, df = k, p = pchisq(q, k, lower.tail = FALSE))
  if (is.null(z)) {
    extra$hausman_auxiliary_iid <- said(phtest(base, data = p, method = "aux"))
    extra$hausman_auxiliary_CR0_unit <- said(phtest(base, data = p, method = "aux",
      vcov = function(m) vcovHC(m, method = "arellano", type = "HC0")))
    extra$hausman_auxiliary_CRV1_unit <- said(phtest(base, data = p, method = "aux",
      vcov = function(m) vcovHC(m, method = "arellano", type = "sss")))
  }
  write_case(list(
    case = paste0("mundlak_", name), data = paste0(name, ".csv"), unit = s$unit, time = s$time, model = govdata_formula(s, x = c(s$x, z)),
    r_code = "plm(model = \"random\", random.method = \"swar\")", script = "mundlak.R", software = versions("plm"), n = nrow(d),
    units = nlevels(d$unit_), periods = nlevels(d$time_), balanced = nrow(d) == nlevels(d$unit_) * nlevels(d$time_),
    time_invariant = as.list(setNames(rep(TRUE, length(z)), z)), params = params, se = se, extra = extra))
  cat(name, unlist(extra$hausman), unlist(extra$hausman_auxiliary_iid), unlist(extra$mundlak_wald$iid), "\n")
}

for (name in c("grunfeld", "grunfeld_gaps", "grunfeld_ends", "gasoline", "produc", "empluk", "wages", "cigar")) one(name)
