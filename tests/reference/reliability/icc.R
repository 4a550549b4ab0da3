# Intraclass correlations of Shrout and Fleiss (1979), table 2, by psych. Rscript icc.R > icc.json
data <- read.csv("shrout_fleiss.csv")
wide <- reshape(data, idvar = "unit", timevar = "coder", direction = "wide")
found <- psych::ICC(as.matrix(wide[, -1]), lmer = FALSE)$results
number <- function(x) paste0("[", paste(format(as.numeric(x), digits = 15, trim = TRUE), collapse = ", "), "]")
lines <- c(paste0(' "estimate": ', number(found$ICC)), paste0(' "statistic": ', number(found$F)),
           paste0(' "df1": ', number(found$df1)), paste0(' "df2": ', number(found$df2)), paste0(' "p_value": ', number(found$p)),
           paste0(' "conf_low": ', number(found[["lower bound"]])), paste0(' "conf_high": ', number(found[["upper bound"]])))
cat("{\n", paste(lines, collapse = ",\n"), "\n}\n", sep = "")
