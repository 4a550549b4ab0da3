# Certified values: sensitivity to an unobserved confounder (Cinelli and Hazlett 2020).   Rscript sensitivity.R
#
# writes sensitivity_swiss.csv (R's swiss), sensitivity_produc.csv (plm's Produc, logs) and sensitivity.json. Every number is from the published
# formulas, which are written out here; the classical standard error and the residual degrees of freedom of the
# regression (unit effects count as columns) go in.

here <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
source(file.path(if (length(here)) dirname(here) else ".", "common.R"))

partial_r2 <- function(t, df) t^2 / (t^2 + df)

# the strength a confounder needs, equal with treatment and outcome, to take away a share q of the estimate; with
# alpha, to make it indistinguishable at that level from (1 - q) times itself
robustness <- function(t, df, q, alpha = 1) {
  f <- q * abs(t) / sqrt(df)
  critical <- if (alpha == 1) 0 else qt(1 - alpha / 2, df - 1) / sqrt(df - 1)
  excess <- f - critical
  if (excess <= 0) return(0)
  # where the constraint on the outcome side does not bind, the confounder explains all the remaining outcome
  if (critical > 0 && f > 1 / critical) return((f^2 - critical^2) / (1 + f^2))
  (sqrt(excess^4 + 4 * excess^2) - excess^2) / 2
}
extreme_robustness <- function(t, df, q, alpha = 1) {
  f2 <- q^2 * t^2 / df
  critical <- if (alpha == 1) 0 else qt(1 - alpha / 2, df - 1)^2 / (df - 1)
  if (f2 <= critical) 0 else (f2 - critical) / (1 + f2)
}
adjusted <- function(estimate, se, df, r2dz, r2yz, reduce = TRUE) {
  bias <- se * sqrt(df) * sqrt(r2yz * r2dz / (1 - r2dz))
  new <- sign(estimate) * (abs(estimate) + if (reduce) -bias else bias)
  new_se <- se * sqrt((1 - r2yz) / (1 - r2dz)) * sqrt(df / (df - 1))
  list(bias = bias, estimate = new, se = new_se, t = new / new_se, relative_bias = bias / abs(estimate),
       ci95_df = new + c(-1, 1) * qt(0.975, df) * new_se, ci95_df_less_1 = new + c(-1, 1) * qt(0.975, df - 1) * new_se)
}
# a confounder kd times as strong with the treatment, ky times with the outcome, as the benchmark covariate
bound <- function(r2dx, r2yx, kd, ky) {
  r2dz <- kd * r2dx / (1 - r2dx)
  if (r2dz >= 1) return(NULL)
  r2zx <- kd * r2dx^2 / ((1 - kd * r2dx) * (1 - r2dx))
  if (r2zx >= 1) return(NULL)
  r2yz <- ((sqrt(ky) + sqrt(r2zx)) / sqrt(1 - r2zx))^2 * r2yx / (1 - r2yx)
  list(r2dz_x = r2dz, r2yz_dx = min(1, r2yz), capped = r2yz > 1)
}

one <- function(formula, effects, treatment, benchmarks, data) {
  terms <- c(attr(terms(as.formula(formula)), "term.labels"), sprintf("factor(%s)", effects))
  fit <- lm(reformulate(terms, all.vars(as.formula(formula))[1]), data)
  df <- fit$df.residual
  row <- coef(summary(fit))[treatment, ]
  estimate <- row[[1]]; se <- row[[2]]; t <- row[[3]]
  first <- lm(reformulate(setdiff(terms, treatment), treatment), data)
  full <- paste0(formula, if (length(effects)) paste(" |", paste(effects, collapse = " + ")))
  out <- list(model = full, treatment = treatment, n = nobs(fit), df = df, estimate = estimate, se = se, t = t,
              partial_r2_yd_x = partial_r2(t, df), partial_f2_yd_x = t^2 / df,
              rv_q1 = robustness(t, df, 1), rv_q1_alpha05 = robustness(t, df, 1, 0.05),
              rv_q05 = robustness(t, df, 0.5), rv_q05_alpha05 = robustness(t, df, 0.5, 0.05),
              rv_q1_alpha01 = robustness(t, df, 1, 0.01), rv_q1_alpha10 = robustness(t, df, 1, 0.1),
              xrv_q1 = extreme_robustness(t, df, 1), xrv_q1_alpha05 = extreme_robustness(t, df, 1, 0.05), bounds = list())
  for (b in names(benchmarks)) {
    columns <- benchmarks[[b]]
    # one covariate by its t; a group by the F of leaving it out
    share <- function(model) {
      if (length(columns) == 1) return(partial_r2(coef(summary(model))[columns, 3], model$df.residual))
      small <- update(model, paste(". ~ . -", paste(columns, collapse = " - ")))
      1 - sum(residuals(model)^2) / sum(residuals(small)^2)
    }
    r2y <- share(fit); r2d <- share(first)
    entry <- list(covariates = array_of(columns), partial_r2_with_outcome = r2y, partial_r2_with_treatment = r2d)
    for (pair in list(c(1, 1), c(2, 2), c(3, 3), c(1, 2), c(2, 1), c(0.5, 0.5))) {
      limit <- bound(r2d, r2y, pair[1], pair[2])
      key <- sprintf("kd%g_ky%g", pair[1], pair[2])
      entry[[key]] <- if (is.null(limit)) list(impossible = TRUE) else
        c(limit, list(reduce = adjusted(estimate, se, df, limit$r2dz_x, limit$r2yz_dx),
                      increase = adjusted(estimate, se, df, limit$r2dz_x, limit$r2yz_dx, FALSE)))
    }
    out$bounds[[b]] <- entry
  }
  out$grid <- lapply(list(c(0.1, 0.1), c(0.1, 0.4), c(0.3, 0.2)), function(r)
    c(list(r2dz_x = r[1], r2yz_dx = r[2]), adjusted(estimate, se, df, r[1], r[2])))
  out
}

swiss <- settle(data.frame(place = rownames(datasets::swiss), setNames(datasets::swiss, c("fertility", "agriculture", "examination",
                "education", "catholic", "infant_mortality"))), "sensitivity_swiss.csv")
data("Produc", package = "plm")
produc <- settle(data.frame(state = as.character(Produc$state), year = Produc$year, lgsp = log(Produc$gsp), lpcap = log(Produc$pcap),
                            lpc = log(Produc$pc), lemp = log(Produc$emp), unemp = Produc$unemp), "sensitivity_produc.csv")
full <- "fertility ~ agriculture + examination + education + catholic + infant_mortality"
cases <- list(
  swiss_education = one(full, NULL, "education", list(examination = "examination", agriculture = "agriculture",
                        catholic = "catholic", both = c("agriculture", "catholic")), swiss),
  swiss_agriculture = one(full, NULL, "agriculture", list(education = "education", infant_mortality = "infant_mortality"), swiss),
  swiss_examination = one(full, NULL, "examination", list(education = "education", catholic = "catholic"), swiss),
  produc_twoway = one("lgsp ~ lpcap + lpc + lemp + unemp", c("state", "year"), "unemp", list(lemp = "lemp", lpcap = "lpcap"), produc),
  produc_oneway = one("lgsp ~ lpcap + lpc + lemp + unemp", "state", "lpc", list(lemp = "lemp", unemp = "unemp"), produc))
save_json(c(list(case = "sensitivity", software = software(), data_swiss = "sensitivity_swiss.csv", data_produc = "sensitivity_produc.csv"),
            cases), "sensitivity.json")
