# Expected values for tests/stats/test_stats_panel.py.
#
#   Rscript lags.R
#
# takes rows out of plm's Grunfeld data, empties some cells, shuffles the rows and writes lags.csv: what plm's lag()
# gives when it shifts by the calendar and not by rows.

suppressPackageStartupMessages(library(plm))

argument <- grep("^--file=", commandArgs(), value = TRUE)
folder <- if (length(argument)) dirname(sub("^--file=", "", argument)) else "."

data("Grunfeld", package = "plm")
d <- as.data.frame(Grunfeld)[, c("firm", "year", "inv")]
n <- seq_len(nrow(d))
d <- d[(n * 37) %% 100 >= 15, ]
d$inv[c(5, 60, 121)] <- NA
p <- pdata.frame(d, index = c("firm", "year"))
shift <- function(k) as.numeric(plm::lag(p$inv, k, shift = "time"))
d$lag1 <- shift(1); d$lag2 <- shift(2); d$lead1 <- shift(-1)
d$diff1 <- d$inv - d$lag1; d$diff2 <- d$inv - d$lag2
d <- d[order((seq_len(nrow(d)) * 89) %% 173), ]
for (name in names(d)[-(1:2)]) d[[name]] <- ifelse(is.na(d[[name]]), "", trimws(formatC(d[[name]], digits = 17, format = "g")))
write.table(d, file.path(folder, "lags.csv"), sep = ",", row.names = FALSE, quote = FALSE, eol = "\n")
