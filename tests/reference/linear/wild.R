# Wild cluster bootstrap-t by unit, all sign vectors, Rademacher weights.
#
#   Rscript wild.R
#
# Writes wild_<data>.json. For each coefficient and each of the 2^G sign vectors, t* with CR0 (a factor of degrees of
# freedom cancels). p_ge counts |t*| >= |t|, p_gt counts |t*| > |t|; values within 1e-9 of |t| count as equal. WCR imposes
# the null on the residuals and fitted values, WCU does not. lower, upper: shares of t* strictly below and above t.

source("common.R")

one <- function(name) {
  d <- dataset(name); s <- datasets[[name]]
  G <- nlevels(d$unit_); g <- as.integer(d$unit_); sets <- 2^G
  signs <- vapply(seq_len(G), function(j) ifelse(bitwAnd(seq_len(sets) - 1L, bitwShiftL(1L, j - 1L)) > 0, -1, 1), numeric(sets))
  params <- se <- extra <- list()
  for (effects in list(character(), "unit", c("unit", "time"))) {
    label <- if (length(effects)) paste(effects, collapse = "_") else "pooled"
    absorbed <- c(unit = "unit_", time = "time_")[effects]
    fit <- lm(as.formula(sprintf("%s ~ %s", s$y, paste(c(s$x, absorbed), collapse = " + "))), data = d)
    X <- model.matrix(fit); y <- unname(model.response(model.frame(fit))); b <- coef(fit)
    terms <- if (length(effects)) s$x else c("(Intercept)", s$x)
    bread <- solve(crossprod(X)); H <- bread %*% t(X)
    n <- nrow(X); rank <- fit$rank
    statistic <- function(ystar, j, null) {
      beta <- drop(H %*% ystar); e <- ystar - drop(X %*% beta)
      influence <- rowsum(H[j, ] * e, g)
      (beta[j] - null) / sqrt(sum(influence^2))
    }
    params[[label]] <- renamed(b[terms])
    cr0 <- vapply(terms, function(term) sqrt(sum(rowsum(H[match(term, colnames(X)), ] * residuals(fit), g)^2)), 0)
    se[[paste0(label, "_CR0_unit")]] <- renamed(cr0)
    se[[paste0(label, "_CRV1_unit_full")]] <- renamed(cr0 * sqrt(G / (G - 1) * (n - 1) / (n - rank)))
    for (term in terms) {
      j <- match(term, colnames(X)); t <- b[[j]] / cr0[[term]]
      restricted <- lm.fit(X[, -j, drop = FALSE], y)
      draws <- list(WCR = list(center = restricted$fitted.values, e = restricted$residuals, null = 0),
                    WCU = list(center = fitted(fit), e = residuals(fit), null = b[[j]]))
      out <- list(t_CR0 = t, t_CRV1_full = t / sqrt(G / (G - 1) * (n - 1) / (n - rank)), draws = sets)
      for (kind in names(draws)) {
        z <- draws[[kind]]
        star <- apply(signs, 1, function(v) statistic(z$center + z$e * v[g], j, z$null))
        equal <- abs(abs(star) / abs(t) - 1) < 1e-9
        out[[kind]] <- list(p_ge = mean(abs(star) > abs(t) | equal), p_gt = mean(abs(star) > abs(t) & !equal), ties = sum(equal),
                            lower = mean(star < t & abs(star / t - 1) > 1e-9), upper = mean(star > t & abs(star / t - 1) > 1e-9),
                            quantile_95 = unname(quantile(abs(star), 0.95, type = 1)))
      }
      extra[[label]][[if (term == "(Intercept)") "Intercept" else term]] <- out
    }
  }
  write_case(list(
    case = paste0("wild_", name), data = paste0(name, ".csv"), unit = s$unit, time = s$time, model = govdata_formula(s),
    r_code = "written out in wild.R", script = "wild.R", software = versions(), n = nrow(d), units = G, periods = nlevels(d$time_),
    params = params, se = se, extra = extra))
  cat(name, G, "\n")
}

for (name in c("grunfeld", "grunfeld_gaps", "grunfeld_six")) one(name)
