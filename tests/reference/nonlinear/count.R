# Certified values: Poisson and negative binomial (NB2) regressions.   Rscript count.R
#
# writes count_epil.csv (MASS's epil: 59 patients, 4 periods), count_quine.csv (MASS's quine), count_events.csv (a
# simulated panel with a population that acts as exposure) and count.json. Poisson starts from glm at epsilon 1e-14, NB2
# from MASS's glm.nb; both are polished by Newton steps on the exact likelihood; standard errors are in closed form from
# the scores, compared with those of glm, glm.nb and sandwich; the script stops if they differ.

here <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
source(file.path(if (length(here)) dirname(here) else ".", "common.R"))
suppressPackageStartupMessages({ library(MASS); library(sandwich) })
tight <- glm.control(epsilon = 1e-14, maxit = 200)

poisson_likelihood <- function(x, y, offset) function(b) {
  eta <- drop(x %*% b) + offset; mu <- exp(eta)
  list(ll = sum(dpois(y, mu, log = TRUE)), scores = x * (y - mu), hessian = -crossprod(x, x * mu))
}

# parameters: the coefficients, then log(alpha); variance mu + alpha mu^2; r = 1 / alpha
nb_likelihood <- function(x, y, offset) function(par) {
  k <- ncol(x); r <- exp(-par[k + 1])
  mu <- exp(drop(x %*% par[seq_len(k)]) + offset)
  slope <- r * (y - mu) / (r + mu)
  first <- digamma(y + r) - digamma(r) + log(r) + 1 - log(r + mu) - (r + y) / (r + mu)
  second <- trigamma(y + r) - trigamma(r) + 1 / r - 2 / (r + mu) + (r + y) / (r + mu)^2
  cross <- crossprod(x, -r * (y - mu) * mu / (r + mu)^2)
  h <- crossprod(x, -x * (r * mu * (r + y) / (r + mu)^2))
  h <- rbind(cbind(h, cross), c(cross, sum(r * first + r^2 * second)))
  ll <- lgamma(y + r) - lgamma(r) - lgamma(y + 1) + r * log(r) - (r + y) * log(r + mu) + y * log(mu)
  list(ll = sum(ll), scores = cbind(x * slope, -r * first), hessian = h)
}

facts <- function(ll, null, k, n, slopes) {
  lr <- 2 * (ll - null)
  list(loglik = ll, loglik_null = null, mcfadden_r2 = 1 - ll / null, aic = 2 * k - 2 * ll, bic = k * log(n) - 2 * ll,
       n_parameters = k, lr_statistic = lr, lr_df = slopes, lr_p = pchisq(lr, slopes, lower.tail = FALSE))
}

compare <- function(fit, se, by, what) {
  check <- function(v, key) if (!is.null(se[[key]])) same(sqrt(diag(v)), se[[key]], paste(what, key), 1e-6)
  check(sandwich(fit), "HC0")
  for (cluster in names(by)) {
    check(vcovCL(fit, cluster = by[[cluster]], type = "HC0", cadjust = FALSE), paste0("CR0_", cluster))
    check(vcovCL(fit, cluster = by[[cluster]], type = "HC0", cadjust = TRUE), paste0("CR1_", cluster))
    check(vcovCL(fit, cluster = by[[cluster]], type = "HC1", cadjust = TRUE), paste0("CRV1_", cluster))
  }
  if (length(by) == 2) check(vcovCL(fit, cluster = as.data.frame(by), type = "HC1"), "CRV1_twoway_conventional")
}

one <- function(formula, data, by, exposure = NULL) {
  data$.offset <- if (is.null(exposure)) 0 else log(data[[exposure]])
  r_formula <- as.formula(paste(gsub("C\\(", "factor(", formula), "+ offset(.offset)"))
  fit <- glm(r_formula, family = poisson, data = data, control = tight)
  x <- model.matrix(fit); y <- fit$y; n <- nrow(x); k <- ncol(x); o <- data$.offset
  slopes <- canonical(colnames(x))
  constant <- matrix(1, n, 1)

  # Poisson
  exact <- newton(coef(fit), poisson_likelihood(x, y, o), "Poisson")
  bread <- inverse(-exact$hessian)
  se <- conventions(exact$scores, bread, by, slopes)
  same(coef(fit), exact$par, "Poisson coefficients", 1e-6)
  same(sqrt(diag(vcov(fit))), se$iid, "Poisson iid", 1e-6)
  compare(fit, se, by, "Poisson")
  same(logLik(fit), exact$ll, "Poisson log-likelihood")
  null <- newton(c(a = log(sum(y) / sum(exp(o)))), poisson_likelihood(constant, y, o), "Poisson, constant only")
  mu <- exp(drop(x %*% exact$par) + o)
  names(exact$par) <- slopes
  poisson_out <- list(model = formula, exposure = exposure, n = n, params = exact$par, se = se,
    extra = c(facts(exact$ll, null$ll, k, n, k - 1),
              list(deviance = fit$deviance, pearson_chi2 = sum((y - mu)^2 / mu), df_residual = n - k,
                   fitted_sum = sum(mu))))

  # NB2
  nb <- suppressWarnings(glm.nb(r_formula, data = data, control = glm.control(epsilon = 1e-13, maxit = 500)))
  full <- newton(c(coef(nb), lnalpha = -log(nb$theta)), nb_likelihood(x, y, o), "NB2")
  alpha <- unname(exp(full$par[k + 1]))
  same(coef(nb), full$par[1:k], "NB2 coefficients", 1e-5)
  same(nb$theta, 1 / alpha, "theta", 1e-5)
  same(logLik(nb), full$ll, "NB2 log-likelihood")
  names(full$par) <- c(slopes, "lnalpha")
  v <- inverse(-full$hessian)
  se <- conventions(full$scores, v, by, names(full$par))
  mu <- exp(drop(x %*% full$par[1:k]) + o)
  given <- inverse(crossprod(x, x * (mu / (1 + alpha * mu))))
  se_given <- conventions(full$scores[, 1:k], given, by, slopes)
  same(sqrt(diag(vcov(nb))), se_given$iid, "NB2 iid", 1e-5)
  # sandwich rebuilds the scores from glm.nb's own fit; its theta is good to about 1e-7
  compare(nb, se_given, by, "NB2")
  null_nb <- newton(c(a = log(sum(y) / sum(exp(o))), lnalpha = log(alpha)), nb_likelihood(constant, y, o), "NB2, constant only")
  lr <- 2 * (full$ll - exact$ll)
  nb_out <- list(model = formula, exposure = exposure, n = n, params = full$par[1:k], lnalpha = unname(full$par[k + 1]),
    alpha = alpha, theta = 1 / alpha,
    se = list(full = se, given_alpha = se_given),
    se_alpha = lapply(se, function(s) unname(alpha * s[k + 1])),
    extra = c(facts(full$ll, null_nb$ll, k + 1, n, k - 1),
              list(lnalpha_null = unname(null_nb$par[2]), pearson_chi2 = sum((y - mu)^2 / (mu + alpha * mu^2)),
                   lr_alpha_statistic = lr, lr_alpha_p_chibar = pchisq(lr, 1, lower.tail = FALSE) / 2,
                   fitted_sum = sum(mu), glm_nb_SE_theta = nb$SE.theta)))
  list(poisson = poisson_out, nb2 = nb_out)
}

epil <- with(MASS::epil, data.frame(subject, period, y, treated = as.integer(trt == "progabide"), lbase = round(lbase, 8),
                                    lage = round(lage, 8), V4))
epil <- settle(epil, "count_epil.csv")
quine <- with(MASS::quine, data.frame(child = seq_along(Days), days = Days, eth = as.character(Eth), sex = as.character(Sex),
                                      age = as.character(Age), lrn = as.character(Lrn)))
quine <- settle(quine, "count_quine.csv")

set.seed(20060701)
events <- expand.grid(year = 1995:2014, country = sprintf("C%02d", 1:35), stringsAsFactors = FALSE)
level <- rnorm(35, 0, 0.6)[as.integer(factor(events$country))]
events$population <- round(exp(rnorm(35, 2, 1))[as.integer(factor(events$country))] * 1.015^(events$year - 1995), 4)
events$openness <- round(rnorm(700, level, 1), 6)
events$growth <- round(rnorm(700, 0.02, 0.03), 6)
events$protests <- rnbinom(700, size = 1.4, mu = events$population * exp(-1 + 0.4 * events$openness - 6 * events$growth +
                                                                         0.7 * level))
events <- events[sample(700, 660), c("country", "year", "protests", "population", "openness", "growth")]
events <- settle(events, "count_events.csv")

by_subject <- list(subject = epil$subject, period = epil$period)
by_country <- list(country = events$country, year = events$year)
out <- list(
  case = "count", software = software("MASS", "sandwich"),
  epil = c(list(data = "count_epil.csv", unit = "subject", time = "period"),
           one("y ~ lbase + treated + lage + V4 + lbase:treated", epil, by_subject)),
  quine = c(list(data = "count_quine.csv", unit = "child", time = NULL),
            one("days ~ C(eth) + C(sex) + C(age) + C(lrn)", quine, list())),
  events = c(list(data = "count_events.csv", unit = "country", time = "year"),
             one("protests ~ openness + growth", events, by_country)),
  events_exposure = c(list(data = "count_events.csv", unit = "country", time = "year"),
                      one("protests ~ openness + growth", events, by_country, "population"))
)
save_json(out, "count.json")
