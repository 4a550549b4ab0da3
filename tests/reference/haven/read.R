# What R's haven finds in a .dta or .sav file, for tests/exporting/test_haven.py.
#
#   Rscript read.R file.dta file.json file.sav other.json …
#
# Needs haven and jsonlite. The test writes the files that the JSON files here were read from; each JSON holds for every
# variable its label, its value labels (those of missing values by their letter or number), its cells (a missing one as
# its letter, "." where it has none), the range declared missing, and its class.

suppressPackageStartupMessages({library(haven); library(jsonlite)})

number <- function(x) formatC(x, digits = 17, format = "g", width = 1)
cells <- function(x) {
  if (is.character(x)) return(enc2utf8(as.vector(x)))
  bare <- as.vector(unclass(x))
  out <- number(bare)
  tag <- if (is_stata) na_tag(bare) else rep(NA_character_, length(bare))
  gone <- is.na(bare)
  out[gone] <- ifelse(is.na(tag[gone]), ".", tag[gone])
  out
}
one <- function(x) {
  labels <- attr(x, "labels")
  list(
    label = if (is.null(attr(x, "label", exact = TRUE))) "" else enc2utf8(attr(x, "label", exact = TRUE)),
    class = if (is.character(x)) "text" else "number",
    codes = if (is.null(labels)) list() else as.list(cells(unname(labels))),
    texts = if (is.null(labels)) list() else as.list(enc2utf8(names(labels))),
    missing = if (is.null(attr(x, "na_range"))) list() else as.list(number(attr(x, "na_range"))),
    cells = as.list(cells(x))
  )
}
paths <- matrix(commandArgs(trailingOnly = TRUE), nrow = 2)
for (at in seq_len(ncol(paths))) {
  is_stata <- grepl("\\.dta$", paths[1, at])
  d <- if (is_stata) read_dta(paths[1, at]) else read_sav(paths[1, at], user_na = TRUE)
  text <- toJSON(list(rows = nrow(d), columns = lapply(as.list(d), one)), auto_unbox = TRUE, pretty = 1)
  out <- file(paths[2, at], open = "wb")
  writeLines(enc2utf8(text), out, useBytes = TRUE)
  close(out)
}
