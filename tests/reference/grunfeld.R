# Certified values for tests/stats/test_reference.py.
#
#   Rscript grunfeld.R
#
# reads plm's Grunfeld data, writes grunfeld.csv and grunfeld.json beside itself. Needs R with plm, sandwich and
# lmtest (Debian: r-cran-plm r-cran-sandwich r-cran-lmtest). Each standard error comes from a package where one offers
# the convention, and from its closed form on the regression with indicators; the script stops if the two differ.
# fixest and reghdfe conventions differ from these by factors only, which are written out below.

suppressPackageStartupMessages({ library(plm); library(sandwich); library(lmtest) })

argument <- grep("^--file=", commandArgs(), value = TRUE)
folder <- if (length(argument)) dirname(sub("^--file=", "", argument)) else "."

data("Grunfeld", package = "plm")
d <- as.data.frame(Grunfeld)[, c("firm", "year", "inv", "value", "capital")]
d <- d[order(d$firm, d$year), ]
write.table(d, file.path(folder, "grunfeld.csv"), sep = ",", row.names = FALSE, quote = FALSE, eol = "\n")

slopes <- c("value", "capital")
same <- function(a, b, what) {
  off <- max(abs(unname(a) / unname(b) - 1))
  if (!is.finite(off) || off > 1e-9) stop(what, " differs by ", off)
}
errors <- function(v) sqrt(diag(v)[slopes])

one <- function(effects) {
  terms <- c(slopes, sprintf("factor(%s)", effects))
  lsdv <- lm(reformulate(terms, "inv"), data = d)
  within <- plm(inv ~ value + capital, data = d, index = c("firm", "year"), model = "within",
                effect = if (length(effects) == 2) "twoways" else "individual")
  same(coef(lsdv)[slopes], coef(within)[slopes], "coefficients")

  n <- nrow(d); rank <- lsdv$rank; k <- length(slopes)
  x <- model.matrix(lsdv); e <- residuals(lsdv)
  bread <- solve(crossprod(x))
  meat <- function(g) crossprod(rowsum(x * e, g))
  sandwich_of <- function(m) bread %*% m %*% bread
  by_firm <- sandwich_of(meat(d$firm))
  by_year <- sandwich_of(meat(d$year))
  by_cell <- sandwich_of(meat(paste(d$firm, d$year)))
  firms <- length(unique(d$firm)); years <- length(unique(d$year))
  size <- c(firm = firms, year = years)
  # K*: slopes, the constant, and the levels less one of every effect that is not nested in a cluster
  nested <- function(clusters) k + 1 + sum(size[setdiff(effects, clusters)] - 1)
  factor1 <- function(groups, kstar) groups / (groups - 1) * (n - 1) / (n - kstar)

  se <- list(
    iid = errors(vcov(lsdv)),
    HC0 = errors(vcovHC(lsdv, type = "HC0")),
    HC1 = errors(vcovHC(lsdv, type = "HC1")),
    CR0_firm = errors(vcovHC(within, method = "arellano", type = "HC0", cluster = "group")),
    CRV1_firm_none = errors(vcovHC(within, method = "arellano", type = "sss", cluster = "group")),
    CRV1_firm_full = errors(vcovCL(lsdv, cluster = d$firm, type = "HC1")),
    CRV1_firm_nested = errors(by_firm * factor1(firms, nested("firm"))),
    CRV1_year_nested = errors(by_year * factor1(years, nested("year"))),
    CRV1_year_full = errors(vcovCL(lsdv, cluster = d$year, type = "HC1")),
    CR0_twoway = errors(vcovDC(within, method = "arellano", type = "HC0")),
    CRV1_twoway_min = errors((by_firm + by_year - by_cell) * factor1(min(firms, years), nested(c("firm", "year")))),
    CRV1_twoway_conventional = errors(by_firm * factor1(firms, nested(c("firm", "year")))
                                      + by_year * factor1(years, nested(c("firm", "year")))
                                      - by_cell * factor1(n, nested(c("firm", "year"))))
  )
  same(se$iid, errors(vcov(within)), "iid")
  same(se$HC1, errors(by_cell * n / (n - rank)), "HC1")
  same(se$CR0_firm, errors(by_firm), "CR0")
  same(se$CRV1_firm_none, errors(by_firm * factor1(firms, k)), "CRV1 none")
  same(se$CRV1_firm_full, errors(by_firm * factor1(firms, rank)), "CRV1 full")
  same(se$CRV1_year_full, errors(by_year * factor1(years, rank)), "CRV1 full, by year")
  same(se$CR0_twoway, errors(by_firm + by_year - by_cell), "CR0 two-way")

  test <- coeftest(lsdv, vcov. = by_firm * factor1(firms, nested("firm")), df = firms - 1)
  list(params = coef(lsdv)[slopes], se = se, p_CRV1_firm_nested = test[slopes, 4],
       r2 = summary(lsdv)$r.squared, r2_within = unname(summary(within)$r.squared["rsq"]),
       rss = sum(e^2), rank = rank, n = n)
}

digits <- function(value) {
  if (is.list(value)) {
    inner <- vapply(names(value), function(name) sprintf("\"%s\": %s", name, digits(value[[name]])), "")
    return(sprintf("{%s}", paste(inner, collapse = ", ")))
  }
  if (length(value) > 1) return(digits(as.list(value)))
  if (is.character(value)) return(sprintf("\"%s\"", value))
  formatC(value, digits = 17, format = "g")
}

cases <- list(oneway = one("firm"), twoway = one(c("firm", "year")))
versions <- list(R = paste(R.version$major, R.version$minor, sep = "."),
                 plm = as.character(packageVersion("plm")),
                 sandwich = as.character(packageVersion("sandwich")))
lines <- c("{", sprintf("\"software\": %s,", digits(versions)),
           sprintf("\"oneway\": %s,", digits(cases$oneway)), sprintf("\"twoway\": %s", digits(cases$twoway)), "}")
writeLines(lines, file.path(folder, "grunfeld.json"))
