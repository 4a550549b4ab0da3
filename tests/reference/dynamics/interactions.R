# Certified values for tests/stats/test_stats_interactions.py.
#
#   Rscript interactions.R
#
# reads ../grunfeld.csv, writes interactions.json beside itself. Needs R with sandwich and jsonlite. Effects are
# differences of predictions of lm() for one unit of the regressor: L %*% b with the error from L V L'.

suppressPackageStartupMessages({ library(sandwich); library(jsonlite) })

argument <- grep("^--file=", commandArgs(), value = TRUE)
folder <- if (length(argument)) dirname(sub("^--file=", "", argument)) else "."
d <- read.csv(file.path(folder, "..", "grunfeld.csv"))
d$war <- as.numeric(d$year >= 1940 & d$year <= 1945)
d$bloc <- factor(d$firm %% 3)

effects <- function(model, frames) {
  vs <- list(iid = vcov(model), HC1 = vcovHC(model, type = "HC1"),
             CRV1_full = vcovCL(model, cluster = d$firm, type = "HC1"))
  rhs <- delete.response(terms(model))
  rows <- function(frame) model.matrix(rhs, frame, xlev = model$xlevels)
  high <- frames; high$value <- high$value + 1
  L <- rows(high) - rows(frames)
  out <- list(estimate = drop(L %*% coef(model)))
  for (name in names(vs)) out[[name]] <- sqrt(rowSums((L %*% vs[[name]]) * L))
  lapply(out, unname)
}
base <- function(n) data.frame(value = rep(1, n), capital = 1, war = 0, bloc = factor(0, levels = levels(d$bloc)),
                               firm = 1)
z <- c(0.8, 50, 300, 2000)
at <- function(column, values) { f <- base(length(values)); f[[column]] <- values; f }
held <- at("capital", z); held$war <- mean(d$war)
d$f <- factor(d$firm)
level <- function(f) { f$f <- factor(1, levels = levels(d$f)); f }
cases <- list(
  at = z,
  linear = effects(lm(inv ~ value * capital + f, data = d), level(at("capital", z))),
  logarithm = effects(lm(inv ~ value + log(capital) + value:log(capital) + f, data = d), level(at("capital", z))),
  both = effects(lm(inv ~ value * capital + value:log(capital) + log(capital) + f, data = d),
                 level(at("capital", z))),
  binary = effects(lm(inv ~ value * war + capital + f, data = d), level(at("war", c(0, 1)))),
  categories = effects(lm(inv ~ value * bloc + capital, data = d),
                       at("bloc", factor(0:2, levels = levels(d$bloc)))),
  held = effects(lm(inv ~ value * capital + value * war + f, data = d), level(held)),
  software = list(R = paste(R.version$major, R.version$minor, sep = "."),
                  sandwich = as.character(packageVersion("sandwich")))
)
write(toJSON(cases, auto_unbox = TRUE, digits = I(17), pretty = TRUE), file.path(folder, "interactions.json"))
