# Rubin's rules: R's mice (pool, pool.scalar) on models of several versions of the Grunfeld data.
#
#   Rscript pooling.R        (in this folder; needs mice, sandwich and jsonlite)
#
# Writes versions.csv, in which inv and value are drawn around their values, and pooling.json.

suppressMessages({library(mice); library(sandwich); library(jsonlite)})

grunfeld <- read.csv("../grunfeld.csv")
m <- 6
set.seed(20)
versions <- do.call(rbind, lapply(seq_len(m), function(d) data.frame(
  draw = d, firm = grunfeld$firm, year = grunfeld$year,
  inv = round(grunfeld$inv * exp(rnorm(nrow(grunfeld), sd = 0.2)), 3),
  value = round(grunfeld$value * exp(rnorm(nrow(grunfeld), sd = 0.1)), 3))))
write.csv(versions, "versions.csv", row.names = FALSE, quote = FALSE)
versions <- read.csv("versions.csv")
frames <- lapply(seq_len(m), function(d) {
  frame <- versions[versions$draw == d, ]
  frame$capital <- grunfeld$capital
  frame$many <- as.integer(frame$inv > 100)
  frame
})

named <- function(x, names) setNames(as.list(unname(x)), names)
renamed <- function(x) sub("(Intercept)", "Intercept", x, fixed = TRUE)

whole <- function(fits) {
  found <- pool(as.mira(fits))$pooled
  terms <- renamed(as.character(found$term))
  list(params = named(found$estimate, terms), se = named(sqrt(found$t), terms), df = named(found$df, terms),
       riv = named(found$riv, terms), lambda = named(found$lambda, terms), fmi = named(found$fmi, terms))
}

by_hand <- function(estimates, covariances, n) {
  terms <- names(estimates[[1]])
  parts <- lapply(terms, function(term) pool.scalar(
    sapply(estimates, function(q) q[[term]]), sapply(covariances, function(v) v[term, term]), n = n, k = 1))
  got <- function(what) named(sapply(parts, function(part) part[[what]]), renamed(terms))
  list(params = got("qbar"), se = lapply(got("t"), sqrt), df = got("df"), riv = got("r"), fmi = got("fmi"),
       lambda = named(sapply(parts, function(p) (1 + 1 / p$m) * p$b / p$t), renamed(terms)))
}

pooled <- lapply(frames, function(frame) lm(inv ~ value + capital, frame))
# glm leaves the weights of the last step but one in its covariance: start once more where it ended.
logit <- lapply(frames, function(frame) {
  fit <- glm(many ~ value + capital, binomial, frame, control = list(epsilon = 1e-14))
  glm(many ~ value + capital, binomial, frame, start = coef(fit), control = list(epsilon = 1e-14))
})
within <- lapply(frames, function(frame) lm(inv ~ value + capital + factor(firm) + factor(year), frame))
slopes <- c("value", "capital")
firms <- length(unique(grunfeld$firm))
clustered <- lapply(seq_len(m), function(d) {
  # CR1: G/(G-1)
  v <- vcovCL(within[[d]], cluster = frames[[d]]$firm, type = "HC0", cadjust = TRUE)
  v[slopes, slopes]
})

found <- list(
  versions = list(R = paste(R.version$major, R.version$minor, sep = "."), mice = as.character(packageVersion("mice")),
                  sandwich = as.character(packageVersion("sandwich"))),
  iid = whole(pooled),
  CR1 = by_hand(lapply(within, function(fit) coef(fit)[slopes]), clustered, firms),
  logit = by_hand(lapply(logit, coef), lapply(logit, vcov), Inf),
  scalar = lapply(list(
    few = list(Q = c(1, 2), U = c(0.5, 0.25), n = 10),
    normal = list(Q = c(-3.5, -2.75, -3, -4.25), U = c(1, 1.5, 0.75, 1.25), n = Inf),
    large = list(Q = c(100.5, 101, 99.75, 102, 100), U = c(2, 2.5, 2.25, 1.75, 2), n = 180)
  ), function(x) {
    part <- pool.scalar(x$Q, x$U, n = x$n, k = 1)
    list(Q = x$Q, U = x$U, dfcom = if (is.finite(x$n)) x$n - 1 else "Inf", estimate = part$qbar, variance = part$t,
         df = part$df, riv = part$r, fmi = part$fmi)
  })
)
write(toJSON(found, auto_unbox = TRUE, digits = I(17), pretty = 2), "pooling.json")
