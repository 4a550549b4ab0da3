# The regression of `govdata demo`, by dummy variables in base R: coefficients and clustered standard errors.
# Write the panel first with
#   python -c "from govdata.demo import panel; panel().to_csv('demo.csv', index=False)"
# then: Rscript demo.R demo.csv demo.json
args <- commandArgs(trailingOnly = TRUE)
d <- read.csv(args[1], na.strings = "", stringsAsFactors = FALSE)
d$log_gdp <- log(d$gdp_pc_ppp)
d <- d[complete.cases(d[, c("monitoring", "v2x_polyarchy", "log_gdp", "internet_users")]), ]
fit <- lm(monitoring ~ v2x_polyarchy + log_gdp + internet_users + factor(iso3) + factor(year), data = d)
slopes <- c("v2x_polyarchy", "log_gdp", "internet_users")

# CRV1: score outer products by country, G/(G-1) * (N-1)/(N-K*); K* leaves out the country effects, nested in the clusters.
x <- model.matrix(fit)
bread <- solve(crossprod(x))
scores <- rowsum(x * residuals(fit), d$iso3)
meat <- crossprod(scores)
n <- nrow(x); g <- nrow(scores); k <- length(slopes) + length(unique(d$year))
v <- bread %*% meat %*% bread * (g / (g - 1)) * ((n - 1) / (n - k))
se <- sqrt(diag(v))
number <- function(value) sprintf("%.17g", value)
named <- function(values) paste0("    \"", slopes, "\": ", number(values[slopes]), collapse = ",\n")
json <- paste0(
  "{\n  \"software\": \"", R.version.string, ", stats::lm with dummies\",\n",
  "  \"n\": ", n, ",\n  \"clusters\": ", g, ",\n",
  "  \"params\": {\n", named(coef(fit)), "\n  },\n",
  "  \"se_CRV1_nested\": {\n", named(se), "\n  }\n}\n")
writeLines(json, args[2], sep = "")
