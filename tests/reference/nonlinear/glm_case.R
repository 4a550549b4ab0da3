# Shared by binary.R and btscs.R: a binary model at its exact maximum, compared with glm and sandwich.

suppressPackageStartupMessages(library(sandwich))

# d ll_i / d eta and its derivative, for y in {0, 1}; the tails in a form that does not cancel
binary_parts <- list(
  logit = function(y, eta) {
    p <- plogis(eta)
    list(ll = plogis(ifelse(y == 1, eta, -eta), log.p = TRUE), first = y - p, second = -p * (1 - p))
  },
  probit = function(y, eta) {
    q <- 2 * y - 1
    log_p <- pnorm(q * eta, log.p = TRUE)
    mills <- exp(dnorm(eta, log = TRUE) - log_p)
    list(ll = log_p, first = q * mills, second = -mills * (mills + q * eta))
  },
  cloglog = function(y, eta) {
    # ll = y log(1 - exp(-m)) - (1 - y) m with m = exp(eta)
    m <- exp(eta)
    ratio <- m / expm1(m)
    list(ll = ifelse(y == 1, log(-expm1(-m)), -m), first = ifelse(y == 1, ratio, -m),
         second = ifelse(y == 1, ratio * (1 - m - ratio), -m))
  }
)

# One fit with everything to compare it by. `formula` is govdata's; `by` a named list of one or two clusters, whose rows
# are those of `data`; rows with a missing value must be gone.
binary_case <- function(link, formula, data, by) {
  r_formula <- as.formula(gsub("C\\(", "factor(", formula))
  fit <- suppressWarnings(glm(r_formula, family = binomial(link), data = data,
                              control = glm.control(epsilon = 1e-14, maxit = 200)))
  x <- model.matrix(fit); y <- fit$y; n <- nrow(x); k <- ncol(x)
  parts <- binary_parts[[link]]
  exact <- newton(coef(fit), function(b) {
    at <- parts(y, drop(x %*% b))
    list(ll = sum(at$ll), scores = x * at$first, hessian = crossprod(x, x * at$second))
  }, paste(link, formula))
  if (max(abs(coef(fit) - exact$par) / sqrt(diag(vcov(fit)))) > 1e-6) stop(link, " coefficients differ")
  # the expected information at the exact maximum
  eta <- drop(x %*% exact$par)
  mu <- binomial(link)$linkinv(eta)
  w <- binomial(link)$mu.eta(eta)^2 / (mu * (1 - mu))
  expected <- inverse(crossprod(x, x * w)); observed <- inverse(-exact$hessian)
  dimnames(observed) <- dimnames(expected)
  same(diag(vcov(fit)), diag(expected), "expected information", 1e-6)
  se <- list(expected = conventions(exact$scores, expected, by), observed = conventions(exact$scores, observed, by))
  check <- function(v, key) same(sqrt(diag(v)), se$expected[[key]], paste(link, key), 1e-6)
  check(sandwich(fit), "HC0")
  for (cluster in names(by)) {
    check(vcovCL(fit, cluster = by[[cluster]], type = "HC0", cadjust = FALSE), paste0("CR0_", cluster))
    check(vcovCL(fit, cluster = by[[cluster]], type = "HC0", cadjust = TRUE), paste0("CR1_", cluster))
    check(vcovCL(fit, cluster = by[[cluster]], type = "HC1", cadjust = TRUE), paste0("CRV1_", cluster))
  }
  if (length(by) == 2) {
    check(vcovCL(fit, cluster = as.data.frame(by), type = "HC0", cadjust = FALSE), "CR0_twoway")
    check(vcovCL(fit, cluster = as.data.frame(by), type = "HC0"), "CR1_twoway_conventional")
    check(vcovCL(fit, cluster = as.data.frame(by), type = "HC1"), "CRV1_twoway_conventional")
  }
  null <- sum(y) * log(mean(y)) + (n - sum(y)) * log(1 - mean(y))
  same(fit$null.deviance, -2 * null, "null deviance")
  same(logLik(fit), exact$ll, "log-likelihood")
  names(exact$par) <- canonical(names(coef(fit)))
  list(model = formula, link = link, n = n, events = sum(y), params = exact$par, se = se,
       extra = list(loglik = exact$ll, loglik_null = null, mcfadden_r2 = 1 - exact$ll / null, aic = 2 * k - 2 * exact$ll,
                    bic = k * log(n) - 2 * exact$ll, lr_statistic = 2 * (exact$ll - null), lr_df = k - 1,
                    lr_p = pchisq(2 * (exact$ll - null), k - 1, lower.tail = FALSE),
                    r_glm_iterations = fit$iter, r_glm_converged = fit$converged,
                    fitted_first_three = array_of(mu[1:3]), fitted_sum = sum(mu)))
}
