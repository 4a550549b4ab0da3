# The regressions of `govdata demo`, by dummy variables in base R: coefficients and clustered standard errors.
# Write the panels first with
#   python -c "from govdata.demo import panel, own_panel as own; panel().to_csv('demo.csv', index=False); own().to_csv('own.csv', index=False)"
# then: Rscript demo.R demo.csv own.csv demo.json
args <- commandArgs(trailingOnly = TRUE)
slopes <- c("v2x_polyarchy", "log_gdp", "internet_users")
number <- function(value) sprintf("%.17g", value)
named <- function(values) paste0("      \"", slopes, "\": ", number(values[slopes]), collapse = ",\n")

# CRV1: score outer products by country, G/(G-1) * (N-1)/(N-K*); K* leaves out the country effects, nested in the clusters.
run <- function(file, response, effects) {
  d <- read.csv(file, na.strings = "", stringsAsFactors = FALSE)
  d$log_gdp <- log(d$gdp_pc_ppp)
  d <- d[complete.cases(d[, c(response, slopes)]), ]
  fit <- lm(reformulate(c(slopes, effects), response), data = d)
  x <- model.matrix(fit)
  bread <- solve(crossprod(x))
  scores <- rowsum(x * residuals(fit), d$iso3)
  n <- nrow(x); g <- nrow(scores); k <- length(slopes) + length(unique(d$year))
  v <- bread %*% crossprod(scores) %*% bread * (g / (g - 1)) * ((n - 1) / (n - k))
  paste0(
    "{\n    \"n\": ", n, ",\n    \"clusters\": ", g, ",\n",
    "    \"params\": {\n", named(coef(fit)), "\n    },\n",
    "    \"se_CRV1_nested\": {\n", named(sqrt(diag(v))), "\n    }\n  }")
}
json <- paste0(
  "{\n  \"software\": \"", R.version.string, ", stats::lm with dummies\",\n",
  "  \"monitoring\": ", run(args[1], "monitoring", c("factor(iso3)", "factor(year)")), ",\n",
  "  \"shutdown\": ", run(args[2], "shutdown", "factor(year)"), "\n}\n")
writeLines(json, args[3], sep = "")
