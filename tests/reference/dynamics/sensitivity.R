# Certified values for tests/stats/test_stats_sensitivity.py.
#
#   Rscript sensitivity.R
#
# reads ../grunfeld.csv, writes sensitivity.json beside itself. Needs R with sensemakr (0.1.6) and jsonlite. Intervals
# are those of adjusted_ci(), which counts one degree of freedom for the confounder.

suppressPackageStartupMessages({ library(sensemakr); library(jsonlite) })

argument <- grep("^--file=", commandArgs(), value = TRUE)
folder <- if (length(argument)) dirname(sub("^--file=", "", argument)) else "."
d <- read.csv(file.path(folder, "..", "grunfeld.csv"))
d$trend <- d$year - 1935
d$noise <- (d$firm * 37 + d$year * 101) %% 17
d$bloc <- factor(d$firm %% 3)

plain <- function(x) { attributes(x) <- NULL; as.numeric(x) }
case <- function(model, treatment, benchmarks, kd, ky = kd, q = 1, alpha = 0.05) {
  s <- summary(model)$coefficients[treatment, ]
  estimate <- unname(s[1]); se <- unname(s[2]); df <- model$df.residual
  bounds <- ovb_bounds(model, treatment = treatment, benchmark_covariates = benchmarks, kd = kd, ky = ky,
                       alpha = alpha, h0 = estimate * (1 - q))
  ci <- adjusted_ci(estimate = estimate, se = se, dof = df, r2dz.x = bounds$r2dz.x, r2yz.dx = bounds$r2yz.dx,
                    which = "both", alpha = alpha)
  list(estimate = estimate, std_error = se, df = df,
       partial_r2 = plain(partial_r2(model, covariates = treatment)),
       rv_q = plain(robustness_value(model, covariates = treatment, q = q, alpha = 1)),
       rv_qa = plain(robustness_value(model, covariates = treatment, q = q, alpha = alpha)),
       bounds = list(r2dz_x = bounds$r2dz.x, r2yz_dx = bounds$r2yz.dx, estimate = plain(bounds$adjusted_estimate),
                     std_error = plain(bounds$adjusted_se), statistic = plain(bounds$adjusted_t),
                     conf_low = unname(ci[, 1]), conf_high = unname(ci[, 2])))
}
one <- lm(inv ~ value + capital + trend + noise + factor(firm), data = d)
two <- lm(inv ~ capital + value + noise + factor(firm) + factor(year), data = d)
pooled <- lm(inv ~ value + capital + trend + bloc, data = d)
cases <- list(
  oneway = case(one, "value", c("capital", "trend"), c(1, 2, 3)),
  oneway_half = case(one, "value", "trend", c(0.5, 1), c(1, 2), q = 0.5, alpha = 0.1),
  negative = case(lm(I(-inv) ~ value + capital + trend + noise + factor(firm), data = d), "value", "trend", 1),
  twoway = case(two, "capital", c("value", "noise"), c(1, 2)),
  pooled_groups = case(pooled, "value", list("C(bloc)" = c("bloc1", "bloc2"), "capital + trend" = c("capital", "trend")),
                       c(0.5, 0.25)),
  weak = case(one, "noise", "trend", 1),
  strong = list(rv = plain(robustness_value(40, dof = 30)), rv_few = plain(robustness_value(60, dof = 3))),
  software = list(R = paste(R.version$major, R.version$minor, sep = "."),
                  sensemakr = as.character(packageVersion("sensemakr")))
)
write(toJSON(cases, auto_unbox = TRUE, digits = I(17), pretty = TRUE), file.path(folder, "sensitivity.json"))
