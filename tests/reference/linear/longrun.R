# Long-run multipliers and impulse responses of an ADL(1,1) and an ADL(2,1), and the error-correction form.
#
#   PCSE_SOURCE=... Rscript longrun.R
#
# Writes longrun_<data>_<effects>[_2].json. Lags are calendar lags. Standard errors by the delta method with the
# derivatives written out; the script stops if car::deltaMethod, Bewley's regression (AER::ivreg) or the error-correction
# form gives another value.

source("common.R")
suppressPackageStartupMessages({ library(sandwich); library(car); library(AER); library(numDeriv) })
pcse_code <- archived("PCSE_SOURCE", "1.9.1.1")

one <- function(name, effects, order = 1, xs = NULL) {
  d <- dataset(name); s <- datasets[[name]]; xs <- if (is.null(xs)) s$x else xs
  years <- d[[s$time]]
  lagged <- function(v, k) v[match(paste(d$unit_, years - k), paste(d$unit_, years))]
  y <- unname(model.response(model.frame(as.formula(paste(s$y, "~ 1")), data = d)))
  raw <- model.matrix(reformulate(xs), data = d)[, -1, drop = FALSE]; K <- length(xs)
  w <- data.frame(unit_ = d$unit_, time_ = d$time_, y = y)
  for (l in seq_len(order)) w[[paste0("y", l)]] <- lagged(y, l)
  for (i in 1:K) { w[[paste0("x", i)]] <- raw[, i]; w[[paste0("l", i)]] <- lagged(raw[, i], 1) }
  keep <- complete.cases(w); w <- w[keep, ]
  w$unit_ <- droplevels(w$unit_); w$time_ <- droplevels(w$time_)
  ys <- paste0("y", seq_len(order)); x_ <- paste0("x", 1:K); l_ <- paste0("l", 1:K)
  absorbed <- c(unit = "unit_", time = "time_")[effects]
  slopes <- c(ys, as.vector(rbind(x_, l_)))
  fit <- lm(reformulate(c(slopes, absorbed), "y"), data = w)
  n <- nrow(w); rank <- fit$rank; G <- nlevels(w$unit_); T <- nlevels(w$time_)
  size <- c(unit = G, time = T)
  Kstar <- length(slopes) + 1 + sum(size[setdiff(effects, "unit")] - 1)
  X <- model.matrix(fit); e <- residuals(fit)
  direct <- pcse_direct(X, e, w$unit_, w$time_, TRUE)
  pc <- suppressWarnings(pcse_code$pcse(fit, groupN = as.integer(w$unit_), groupT = as.integer(w$time_), pairwise = TRUE)$vcov)
  dimnames(pc) <- list(names(coef(fit)), names(coef(fit)))
  close_to(errors(pc, slopes), errors(direct, slopes), "pcse", 1e-6)
  cr0 <- vcovCL(fit, cluster = w$unit_, type = "HC0", cadjust = FALSE)
  covs <- list(iid = vcov(fit), HC1 = vcovHC(fit, type = "HC1"), CR0_unit = cr0, CRV1_unit_full = vcovCL(fit, cluster = w$unit_, type = "HC1"),
               CRV1_unit_nested = cr0 * G / (G - 1) * (n - 1) / (n - Kstar), PCSE_pairwise = pc)
  b <- coef(fit)[slopes]
  said <- c(setNames(sprintf("lag(%s, %d)", s$y, seq_len(order)), ys), setNames(xs, x_), setNames(sprintf("lag(%s, 1)", xs), l_))
  say <- function(v) { names(v) <- said[names(v)]; v }
  phi <- b[ys]; one_less <- 1 - sum(phi)
  lrm <- setNames((b[x_] + b[l_]) / one_less, xs)
  lrm_se <- lapply(covs, function(V) setNames(vapply(1:K, function(i) {
    a <- setNames(numeric(length(slopes)), slopes)
    a[c(x_[i], l_[i])] <- 1 / one_less; a[ys] <- lrm[i] / one_less
    sqrt(drop(a %*% V[slopes, slopes] %*% a))
  }, 0), xs))
  for (i in 1:K) {
    expression <- sprintf("(%s + %s) / (1 - %s)", x_[i], l_[i], paste(ys, collapse = " - "))
    for (kind in c("iid", "CRV1_unit_full", "PCSE_pairwise")) {
      other <- deltaMethod(fit, expression, vcov. = covs[[kind]])
      close_to(other$SE, lrm_se[[kind]][[i]], "delta method", 1e-7)
    }
  }
  # Bewley: y on its differences and the levels, the differences instrumented by the lags
  w$dy <- w$y - w$y1; for (i in 1:K) w[[paste0("d", i)]] <- w[[x_[i]]] - w[[l_[i]]]
  d_ <- paste0("d", 1:K)
  if (order == 1) {
    right <- paste(c(x_, d_, absorbed), collapse = " + ")
    iv <- ivreg(as.formula(sprintf("y ~ dy + %s | y1 + %s", right, right)), data = w)
    close_to(coef(iv)[x_], lrm, "Bewley", 1e-6)
    close_to(sqrt(diag(vcov(iv))[x_]), lrm_se$iid, "Bewley se", 1e-5)
  }
  extra <- list(long_run = as.list(lrm), long_run_se = lrm_se, speed = one_less,
                speed_se = lapply(covs, function(V) sqrt(sum(V[ys, ys]))))
  if (order == 1) {
    extra$half_life <- log(0.5) / log(phi[[1]])
    ecm <- lm(reformulate(c("y1", as.vector(rbind(d_, l_)), absorbed), "dy"), data = w)
    terms <- c("y1", as.vector(rbind(d_, l_)))
    close_to(-coef(ecm)[l_] / coef(ecm)[["y1"]], lrm, "ecm", 1e-7)
    ecm_names <- c(y1 = sprintf("lag(%s, 1)", s$y), setNames(sprintf("diff(%s, 1)", xs), d_), setNames(sprintf("lag(%s, 1)", xs), l_))
    of <- function(v) setNames(v[terms], ecm_names[terms])
    extra$ecm <- list(params = of(coef(ecm)), se_iid = of(sqrt(diag(vcov(ecm)))), se_HC1 = of(sqrt(diag(vcovHC(ecm, type = "HC1")))),
                      se_CRV1_unit_full = of(sqrt(diag(vcovCL(ecm, cluster = w$unit_, type = "HC1")))))
    a <- function(i) { g <- setNames(numeric(length(terms)), terms); g[l_[i]] <- -1 / coef(ecm)[["y1"]]
      g["y1"] <- coef(ecm)[[l_[i]]] / coef(ecm)[["y1"]]^2; g }
    V <- vcov(ecm)[terms, terms]
    close_to(vapply(1:K, function(i) sqrt(drop(a(i) %*% V %*% a(i))), 0), lrm_se$iid, "ecm se", 1e-6)
  }
  horizon <- 10
  path <- function(beta, i) {
    h <- numeric(horizon + 1)
    for (t in 0:horizon) {
      v <- if (t == 0) beta[[x_[i]]] else if (t == 1) beta[[l_[i]]] else 0
      for (l in seq_len(order)) if (t >= l) v <- v + beta[[ys[l]]] * h[t - l + 1]
      h[t + 1] <- v
    }
    h
  }
  extra$impulse <- setNames(lapply(1:K, function(i) {
    J <- jacobian(function(v) path(setNames(v, slopes), i), b); C <- apply(J, 2, cumsum)
    spread <- function(M, V) sqrt(rowSums((M %*% V[slopes, slopes]) * M))
    list(effect = path(b, i), cumulative = cumsum(path(b, i)),
         effect_se = lapply(covs[c("iid", "CRV1_unit_full")], function(V) spread(J, V)),
         cumulative_se = lapply(covs[c("iid", "CRV1_unit_full")], function(V) spread(C, V)))
  }), xs)
  text <- sprintf("%s ~ %s", s$y, paste(say(b)|>names(), collapse = " + "))
  if (length(effects)) text <- sprintf("%s | %s", text, paste(unlist(s[effects]), collapse = " + "))
  label <- if (length(effects)) paste(effects, collapse = "_") else "pooled"
  write_case(list(
    case = sprintf("longrun_%s_%s%s", name, label, if (order > 1) paste0("_", order) else ""), data = paste0(name, ".csv"), unit = s$unit,
    time = s$time, model = text, r_code = deparse1(formula(fit)), script = "longrun.R",
    software = c(versions("sandwich", "car", "AER", "numDeriv"), list(pcse = "1.9.1.1")), n = n, units = G, periods = T, rank = rank,
    params = say(b), se = lapply(covs, function(V) say(errors(V, slopes))), extra = extra))
  cat(name, label, order, n, lrm, "\n")
}

for (name in c("grunfeld", "grunfeld_gaps", "gasoline", "produc", "empluk"))
  for (effects in list(character(), "unit", c("unit", "time"))) one(name, effects)
for (name in c("grunfeld", "grunfeld_gaps")) one(name, "unit", 2)
