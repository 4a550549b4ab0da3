# Writes the data files of this folder from data sets that ship with R packages.
#
#   Rscript data.R
#
# Numbers are written with 17 significant digits, so that reading them back gives the same doubles.

source("common.R")
suppressPackageStartupMessages({ library(plm); library(sandwich) })

number <- function(value) {
  if (is.factor(value)) return(as.character(value))
  if (!is.numeric(value)) return(value)
  ifelse(is.na(value), "", trimws(formatC(value, digits = 17, format = "g", mode = "double")))
}

store <- function(d, name) {
  d <- as.data.frame(d)
  rownames(d) <- NULL
  d[] <- lapply(d, number)
  write.table(d, paste0(name, ".csv"), sep = ",", row.names = FALSE, quote = FALSE, eol = "\n")
}

yes <- function(value) as.integer(value == "yes")

data("Grunfeld", package = "plm")
g <- as.data.frame(Grunfeld)[, c("firm", "year", "inv", "value", "capital")]
store(g, "grunfeld")

# Unbalanced, with gaps: a late start, an early end, a gap of two years, a gap of one year, two gaps of one year.
gone <- (g$firm == 2 & g$year %in% 1935:1937) | (g$firm == 5 & g$year %in% 1952:1954) |
  (g$firm == 3 & g$year %in% 1941:1942) | (g$firm == 7 & g$year == 1945) | (g$firm == 9 & g$year %in% c(1938, 1947))
store(g[!gone, ], "grunfeld_gaps")

# Unbalanced without gaps: four firms start late or end early.
gone <- (g$firm == 1 & g$year > 1950) | (g$firm == 4 & g$year < 1940) | (g$firm == 6 & g$year > 1946) |
  (g$firm == 8 & g$year < 1938)
store(g[!gone, ], "grunfeld_ends")

# One year that no firm has (1942), else complete.
store(g[g$year != 1942, ], "grunfeld_hole")

# Two firms with one row each.
gone <- (g$firm == 10 & g$year != 1954) | (g$firm == 4 & g$year != 1940)
store(g[!gone, ], "grunfeld_singletons")

# About half the rows, drawn at random: with firm effects a pairwise panel-corrected variance is negative.
set.seed(145, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
store(g[runif(nrow(g)) < 0.5, ], "grunfeld_sparse")

# Few clusters.
store(g[g$firm %in% c(2, 3, 4, 5, 6, 7), ], "grunfeld_six")

data("Produc", package = "plm")
store(Produc[, c("state", "year", "region", "pcap", "pc", "gsp", "emp", "unemp")], "produc")

data("Gasoline", package = "plm")
store(Gasoline[, c("country", "year", "lgaspcar", "lincomep", "lrpmg", "lcarpcap")], "gasoline")

data("Cigar", package = "plm")
store(Cigar[, c("state", "year", "price", "pop16", "cpi", "ndi", "sales", "pimin")], "cigar")

data("EmplUK", package = "plm")
store(EmplUK[, c("firm", "year", "sector", "emp", "wage", "capital", "output")], "empluk")

data("Males", package = "plm")
m <- Males[Males$nr %in% sort(unique(Males$nr))[1:100], ]
m$union <- yes(m$union); m$married <- yes(m$married); m$health <- yes(m$health)
store(m[, c("nr", "year", "school", "exper", "union", "ethn", "married", "health", "wage")], "males")

data("Wages", package = "plm")
w <- Wages[1:1050, ]  # the first 150 persons, seven years each, in the order of the file
w <- data.frame(person = rep(1:150, each = 7), year = rep(1976:1982, 150), lwage = w$lwage, exp = w$exp, wks = w$wks,
                bluecol = yes(w$bluecol), married = yes(w$married), union = yes(w$union), ed = w$ed,
                female = as.integer(w$sex == "female"))
store(w, "wages")

data("PetersenCL", package = "sandwich")
store(PetersenCL[PetersenCL$firm <= 100, c("firm", "year", "y", "x")], "petersen")
