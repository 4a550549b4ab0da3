# Certified values for tests/stats/test_stats_dynamics.py.
#
#   Rscript dynamics.R
#
# reads ../grunfeld.csv, leaves out a fixed set of rows so that the panel has gaps, writes dynamics.json beside itself.
# Needs R with sandwich and jsonlite. Coefficients and covariances come from lm() and sandwich on the regression with
# indicators; long-run multipliers and responses are written out as expressions and differentiated by R's D().

suppressPackageStartupMessages({ library(sandwich); library(jsonlite) })

argument <- grep("^--file=", commandArgs(), value = TRUE)
folder <- if (length(argument)) dirname(sub("^--file=", "", argument)) else "."
d <- read.csv(file.path(folder, "..", "grunfeld.csv"))
d <- d[(7 * d$firm + d$year) %% 13 != 0, ]
at <- function(column, k) d[[column]][match(paste(d$firm, d$year - k), paste(d$firm, d$year))]
d$y1 <- at("inv", 1); d$y2 <- at("inv", 2); d$x0 <- d$value; d$x1 <- at("value", 1); d$x3 <- at("value", 3)
d$k0 <- d$capital
d$ly0 <- log(d$inv); d$ly1 <- log(d$y1); d$lx0 <- log(d$value); d$lx1 <- log(d$x1)
d$dly <- d$ly0 - d$ly1; d$dlx <- d$lx0 - d$lx1

# Value and delta-method error of an expression in the coefficients.
delta <- function(text, b, v) {
  e <- parse(text = text)[[1]]
  g <- vapply(names(b), function(n) eval(D(e, n), as.list(b)), 0)
  c(estimate = eval(e, as.list(b)), se = sqrt(drop(t(g) %*% v %*% g)))
}
responses <- function(own, others, horizon) {
  psi <- character()
  for (h in 0:horizon) {
    parts <- others[as.character(h)]
    parts <- parts[!is.na(parts)]
    for (k in names(own)) if (h - as.integer(k) >= 0) {
      parts <- c(parts, sprintf("(%s)*(%s)", own[[k]], psi[h - as.integer(k) + 1]))
    }
    psi <- c(psi, if (length(parts)) paste(parts, collapse = " + ") else "0*b0")
  }
  psi
}
case <- function(model, slopes, long, own, others, horizon) {
  used <- d[rownames(model.matrix(model)), ]
  vs <- list(iid = vcov(model), HC1 = vcovHC(model, type = "HC1"),
             CRV1_full = vcovCL(model, cluster = used$firm, type = "HC1"))
  b <- coef(model)[names(slopes)]; names(b) <- slopes
  out <- list(n = nobs(model), params = as.list(b))
  for (name in names(vs)) {
    v <- vs[[name]][names(slopes), names(slopes)]
    psi <- responses(own, others, horizon)
    pulse <- vapply(psi, delta, c(0, 0), b = b, v = v)
    step <- vapply(seq_along(psi), function(h) delta(paste(psi[1:h], collapse = " + "), b, v), c(0, 0))
    out[[name]] <- list(long_run = as.list(delta(long, b, v)),
                        effect = unname(pulse[1, ]), effect_se = unname(pulse[2, ]),
                        cumulative = unname(step[1, ]), cumulative_se = unname(step[2, ]))
  }
  out
}

cases <- list(
  # inv ~ lag(inv, 1) + lag(inv, 2) + value + lag(value, 1) + lag(value, 3) + capital | firm
  adl_gaps = case(lm(inv ~ y1 + y2 + x0 + x1 + x3 + k0 + factor(firm), data = d),
                  c(y1 = "p1", y2 = "p2", x0 = "b0", x1 = "b1", x3 = "b3"),
                  "(b0 + b1 + b3) / (1 - p1 - p2)", list("1" = "p1", "2" = "p2"),
                  c("0" = "b0", "1" = "b1", "3" = "b3"), 7),
  # diff(log(inv)) ~ lag(log(inv), 1) + diff(log(value)) + lag(log(value), 1)
  ecm_log = case(lm(dly ~ ly1 + dlx + lx1, data = d), c(ly1 = "p", dlx = "b0", lx1 = "b1"),
                 "-b1 / p", list("1" = "1 + p"), c("0" = "b0", "1" = "b1 - b0"), 6),
  # inv ~ value + lag(value, 1) + lag(value, 3) + capital | firm
  distributed_lag = case(lm(inv ~ x0 + x1 + x3 + k0 + factor(firm), data = d), c(x0 = "b0", x1 = "b1", x3 = "b3"),
                         "b0 + b1 + b3", list(), c("0" = "b0", "1" = "b1", "3" = "b3"), 4)
)
cases$software <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                       sandwich = as.character(packageVersion("sandwich")))
write(toJSON(cases, auto_unbox = TRUE, digits = I(17), pretty = TRUE), file.path(folder, "dynamics.json"))
