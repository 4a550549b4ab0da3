# Certified values: ordered logit and ordered probit.   Rscript ordered.R
#
# writes ordered_housing.csv (MASS's housing, one row per household), ordered_terror.csv (a simulated five-category
# panel) and ordered.json. Fits start from MASS's polr and are polished by Newton steps on the exact likelihood
# P(y <= j) = F(threshold_j - x b); standard errors come from the exact Hessian in (b, thresholds) and are compared with
# those of polr and of sandwich, which supports polr; the script stops if they differ.

here <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
source(file.path(if (length(here)) dirname(here) else ".", "common.R"))
suppressPackageStartupMessages({ library(MASS); library(sandwich) })

shapes <- list(
  logit = list(cdf = plogis, density = dlogis, slope = function(u) dlogis(u) * (1 - 2 * plogis(u))),
  probit = list(cdf = pnorm, density = dnorm, slope = function(u) -u * dnorm(u)))

# y in 1..J; parameters: slopes, then the J - 1 thresholds
ordered_likelihood <- function(x, y, shape) {
  k <- ncol(x); j <- max(y); n <- length(y)
  pick <- function(level) { m <- matrix(0, n, j - 1); inside <- level >= 1 & level <= j - 1
    m[cbind(which(inside), level[inside])] <- 1; m }
  above <- cbind(-x, pick(y)); below <- cbind(-x, pick(y - 1))
  above[y == j, ] <- 0; below[y == 1, ] <- 0
  function(par) {
    cuts <- c(-Inf, par[k + seq_len(j - 1)], Inf)
    eta <- drop(x %*% par[seq_len(k)])
    if (is.unsorted(cuts)) return(list(ll = -Inf))
    u <- cuts[y + 1] - eta; l <- cuts[y] - eta
    # from the tail that does not cancel
    p <- ifelse(l > 0, shape$cdf(-l) - shape$cdf(-u), shape$cdf(u) - shape$cdf(l))
    at <- function(f, v) ifelse(is.finite(v), f(v), 0)
    du <- at(shape$density, u) / p; dl <- -at(shape$density, l) / p
    duu <- at(shape$slope, u) / p - du^2; dll <- -at(shape$slope, l) / p - dl^2; dul <- -du * dl
    cross <- crossprod(above, below * dul)
    list(ll = sum(log(p)), scores = above * du + below * dl,
         hessian = crossprod(above, above * duu) + crossprod(below, below * dll) + cross + t(cross))
  }
}

one <- function(link, formula, data, by) {
  r_formula <- as.formula(gsub("C\\(", "factor(", formula))
  response <- all.vars(r_formula)[1]
  levels <- sort(unique(data[[response]]))
  y <- match(data[[response]], levels)
  data[[response]] <- factor(data[[response]], levels = levels, ordered = TRUE)
  fit <- polr(r_formula, data = data, method = if (link == "logit") "logistic" else link, Hess = TRUE,
              control = list(reltol = 1e-15, maxit = 1000))
  x <- model.matrix(r_formula, data)[, -1, drop = FALSE]
  n <- nrow(x); k <- ncol(x); j <- length(levels)
  cuts <- sprintf("%s|%s", levels[-j], levels[-1])
  start <- c(coef(fit), fit$zeta)
  names(start) <- c(canonical(colnames(x)), cuts)
  exact <- newton(start, ordered_likelihood(x, y, shapes[[link]]), paste("ordered", link))
  v <- inverse(-exact$hessian)
  se <- conventions(exact$scores, v, by, names(start))
  if (max(abs(start - exact$par) / se$iid) > 1e-4) stop("polr's estimates differ")
  same(logLik(fit), exact$ll, "log-likelihood")
  same(sqrt(diag(vcov(fit))), se$iid, "polr", 1e-3)   # polr's Hessian is by differences of a coarse step
  check <- function(v, key) same(sqrt(diag(v)), se[[key]], paste("sandwich", key), 2e-3)
  check(sandwich(fit), "HC0")
  for (cluster in names(by)) {
    check(vcovCL(fit, cluster = by[[cluster]], type = "HC0", cadjust = FALSE), paste0("CR0_", cluster))
    check(vcovCL(fit, cluster = by[[cluster]], type = "HC1"), paste0("CRV1_", cluster))
  }
  share <- tabulate(y, j)
  null <- sum(share * log(share / n))
  names(exact$par) <- names(start)
  params <- exact$par
  eta <- drop(x %*% params[1:k])
  at <- c(-Inf, params[-(1:k)], Inf)
  probabilities <- sapply(1:j, function(i) shapes[[link]]$cdf(at[i + 1] - eta) - shapes[[link]]$cdf(at[i] - eta))
  ll <- exact$ll; q <- k + j - 1; lr <- 2 * (ll - null)
  list(model = formula, link = link, n = n, levels = as.list(levels), counts = share,
       params = params[1:k], thresholds = params[-(1:k)], se = se,
       extra = list(loglik = ll, loglik_null = null, mcfadden_r2 = 1 - ll / null, aic = 2 * q - 2 * ll,
                    bic = q * log(n) - 2 * ll, n_parameters = q, lr_statistic = lr, lr_df = k,
                    lr_p = pchisq(lr, k, lower.tail = FALSE), mean_probabilities = colMeans(probabilities),
                    first_row_probabilities = probabilities[1, ]))
}

housing <- MASS::housing[rep(seq_len(72), MASS::housing$Freq), ]
housing <- data.frame(household = seq_len(nrow(housing)), satisfaction = as.integer(housing$Sat),
                      influence = as.character(housing$Infl), type = as.character(housing$Type),
                      contact = as.integer(housing$Cont == "High"), block = rep(1:41, length.out = nrow(housing)))
housing <- settle(housing, "ordered_housing.csv")

set.seed(20091101)
terror <- expand.grid(year = 1990:2009, country = sprintf("C%02d", 1:40), stringsAsFactors = FALSE)
unit <- as.integer(factor(terror$country))
terror$democracy <- round(pmin(pmax(rnorm(40, 0.5, 0.25)[unit] + rnorm(800, 0, 0.08), 0), 1), 6)
terror$conflict <- rbinom(800, 1, plogis(-1.5 + rnorm(40)[unit]))
terror$loggdp <- round(rnorm(40, 8.5, 1)[unit] + 0.02 * (terror$year - 1990) + rnorm(800, 0, 0.1), 6)
latent <- -2.2 * terror$democracy + 1.2 * terror$conflict - 0.5 * (terror$loggdp - 8.5) + rnorm(40, 0, 0.7)[unit] + rlogis(800)
terror$scale <- findInterval(latent, c(-3.2, -1.4, 0.3, 2.1)) + 1L
terror <- terror[sort(sample(800, 760)), c("country", "year", "scale", "democracy", "conflict", "loggdp")]
terror <- settle(terror, "ordered_terror.csv")

out <- list(case = "ordered", software = software("MASS", "sandwich"),
            housing = list(data = "ordered_housing.csv", unit = "household"),
            terror = list(data = "ordered_terror.csv", unit = "country", time = "year"))
for (link in names(shapes)) {
  out$housing[[link]] <- one(link, "satisfaction ~ C(influence) + C(type) + contact", housing, list(block = housing$block))
  out$terror[[link]] <- one(link, "scale ~ democracy + conflict + loggdp", terror, list(country = terror$country, year = terror$year))
  out$terror[[paste0(link, "_interaction")]] <- one(link, "scale ~ democracy + conflict + loggdp + democracy:conflict", terror,
                                                     list(country = terror$country, year = terror$year))
}
save_json(out, "ordered.json")
