# What R does with perfectly predicted outcomes, where no maximum likelihood estimate exists (Albert and Anderson
# 1984).   Rscript separation.R
#
# writes separation.csv (several tiny datasets, one above the other, told apart by the column `case`) and
# separation.json: for each, whether an estimate exists, and what glm or polr gave nevertheless. Whether one exists is
# decided by brute force over the directions (the data are tiny), not by the fit.

here <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
source(file.path(if (length(here)) dirname(here) else ".", "common.R"))
suppressPackageStartupMessages(library(MASS))

data <- list(
  complete = data.frame(y = c(0, 0, 0, 0, 1, 1, 1, 1), x = c(1, 2, 3, 4, 5, 6, 7, 8), z = c(1, 0, 2, 1, 0, 2, 1, 1)),
  quasi = data.frame(y = c(0, 0, 0, 0, 1, 0, 1, 1, 1), x = c(1, 2, 3, 4, 5, 5, 6, 7, 8), z = c(1, 0, 2, 1, 0, 2, 1, 1, 0)),
  dummy = data.frame(y = c(0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 1, 0), x = c(1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0),
                     z = c(.3, 1.1, .7, 2, .2, 1.9, .4, .8, 2.2, 1.3, .1, 1.7)),
  plane = data.frame(y = c(0, 0, 0, 0, 0, 1, 1, 1, 1, 1), x = c(1, 4, 2, 6, 5, 2, 5, 3, 7, 6.5),
                     z = c(.5, 3.4, 1.2, 5.6, 4.1, 2.6, 5.9, 3.7, 7.5, 7.2)),
  overlap = data.frame(y = c(0, 0, 0, 1, 0, 1, 1, 1, 0, 1), x = c(1, 2, 3, 4, 5, 6, 7, 8, 4.5, 3.5),
                       z = c(1, 0, 2, 0, 0, 2, 1, 1, 0, 2)),
  nearly = data.frame(y = c(rep(0, 20), 1, 0, rep(1, 20)), x = c(seq(-4, -0.2, 0.2), -0.05, 0.05, seq(0.2, 4, 0.2)),
                      z = c(rep(c(1, 0, -1), length.out = 20), 0, 0, rep(c(-1, 0, 1), length.out = 20))),
  constant = data.frame(y = rep(0, 6), x = 1:6, z = c(1, 0, 1, 0, 0, 1)),
  count_dummy = data.frame(y = c(0, 0, 0, 0, 3, 1, 0, 2, 5, 1), x = c(1, 1, 1, 1, 0, 0, 0, 0, 0, 0),
                           z = c(.3, 1.1, .7, 2, .2, 1.9, .4, .8, 2.2, 1.3)),
  count_fine = data.frame(y = c(0, 0, 1, 0, 3, 1, 0, 2, 5, 1), x = c(1, 1, 1, 1, 0, 0, 0, 0, 0, 0),
                          z = c(.3, 1.1, .7, 2, .2, 1.9, .4, .8, 2.2, 1.3)),
  ordered_complete = data.frame(y = c(1, 1, 1, 2, 2, 2, 3, 3, 3), x = 1:9, z = c(1, 0, 2, 1, 0, 2, 1, 0, 1)),
  ordered_fine = data.frame(y = c(1, 2, 1, 2, 1, 3, 2, 3, 3), x = 1:9, z = c(1, 0, 2, 1, 0, 2, 1, 0, 1)))
all <- do.call(rbind, lapply(names(data), function(n) cbind(case = n, unit = seq_len(nrow(data[[n]])), data[[n]])))
all <- settle(all, "separation.csv")

# a direction d with d'x >= 0 where y = 1 and <= 0 where y = 0, not nil throughout. Directions on the edges of that cone
# are normal to k - 1 independent rows, so trying the normals of every pair of rows (k = 3) is exhaustive, once the
# columns have full rank.
separable <- function(x, sign) {
  if (all(sign == sign[1])) return(TRUE)
  stopifnot(ncol(x) == 3, qr(x)$rank == 3)
  for (i in seq_len(nrow(x))) for (j in seq_len(i - 1)) {
    d <- c(x[i, 2] * x[j, 3] - x[i, 3] * x[j, 2], x[i, 3] * x[j, 1] - x[i, 1] * x[j, 3], x[i, 1] * x[j, 2] - x[i, 2] * x[j, 1])
    for (way in c(1, -1)) {
      v <- way * drop(x %*% d)
      v[abs(v) < 1e-12] <- 0
      if (any(v != 0) && all(ifelse(sign == 0, v == 0, v * sign >= 0))) return(TRUE)
    }
  }
  FALSE
}

fit_one <- function(name) {
  d <- all[all$case == name, ]
  x <- cbind(1, d$x, d$z)
  heard <- character()
  listen <- function(expr) withCallingHandlers(tryCatch(expr, error = function(e) { heard <<- c(heard, conditionMessage(e)); NULL }),
    warning = function(w) { heard <<- c(heard, conditionMessage(w)); invokeRestart("muffleWarning") })
  describe <- function(fit) {
    if (is.null(fit)) return(list(messages = as.list(heard)))
    list(converged = fit$converged, iterations = fit$iter, params = setNames(coef(fit), canonical(names(coef(fit)))),
         se = setNames(sqrt(diag(vcov(fit))), canonical(names(coef(fit)))), deviance = deviance(fit),
         messages = as.list(unique(heard)))
  }
  out <- list(model = "y ~ x + z", n = nrow(d))
  if (startsWith(name, "count")) {
    # a Poisson estimate exists unless a direction is nil wherever y > 0 and has one sign wherever y = 0
    out$exists <- !separable(x, ifelse(d$y > 0, 0, -1))
    out$poisson <- describe(listen(glm(y ~ x + z, poisson, d)))
  } else if (startsWith(name, "ordered")) {
    # separable when every cut of the scale is separated by one and the same direction; here one column decides
    out$exists <- name == "ordered_fine"
    d$y <- factor(d$y, ordered = TRUE)
    fit <- listen(polr(y ~ x + z, d, Hess = TRUE))
    out$logit <- if (is.null(fit)) list(messages = as.list(unique(heard))) else
      list(converged = fit$convergence == 0, params = coef(fit), deviance = deviance(fit), messages = as.list(unique(heard)))
  } else {
    out$exists <- !separable(x, 2 * d$y - 1)
    for (link in c("logit", "probit", "cloglog")) {
      heard <- character()
      out[[link]] <- describe(listen(glm(y ~ x + z, binomial(link), d)))
    }
  }
  if (out$exists && !startsWith(name, "ordered")) {
    # the true maximum, for the controls that must not be refused
    for (link in setdiff(names(out), c("model", "n", "exists"))) {
      family <- if (link == "poisson") poisson() else binomial(link)
      best <- glm(y ~ x + z, family, d, control = glm.control(epsilon = 1e-15, maxit = 500))
      out[[link]]$params_tight <- setNames(coef(best), canonical(names(coef(best))))
    }
  }
  out
}
out <- c(list(case = "separation", data = "separation.csv", software = software("MASS")),
         sapply(names(data), fit_one, simplify = FALSE))
expected <- c(complete = FALSE, quasi = FALSE, dummy = FALSE, plane = FALSE, overlap = TRUE, nearly = TRUE, constant = FALSE,
              count_dummy = FALSE, count_fine = TRUE)
for (name in names(expected)) if (out[[name]]$exists != expected[[name]]) stop(name, " is not what it was made to be")
save_json(out, "separation.json")
