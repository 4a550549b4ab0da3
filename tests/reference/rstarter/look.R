# What R sees in an exported script. Needs haven and jsonlite.
# Rscript look.R coded.R coded.json
arguments <- commandArgs(TRUE)
source(arguments[1])

texts <- function(x) {
  if (inherits(x, "POSIXct")) return(format(x, "%Y-%m-%d %H:%M:%OS3", tz = "UTC"))
  if (is.double(x) && !inherits(x, "Date")) return(ifelse(is.na(x), NA, sprintf("%.17g", x)))
  as.character(x)
}
named <- function(x) if (is.null(x)) list() else list(names = names(x), values = texts(unname(x)))
factors <- as_factors()
labelled <- as_labelled()

columns <- lapply(seq_along(panel), function(i) {
  x <- panel[[i]]
  attributes(x) <- attributes(x)[c("class", "tzone", "levels")]
  y <- factors[[i]]
  z <- labelled[[i]]
  list(
    name = jsonlite::unbox(names(panel)[i]),
    class = jsonlite::unbox(class(x)[1]),
    label = attr(panel[[i]], "label", exact = TRUE),
    values = texts(x),
    tags = if (is.double(x)) haven::na_tag(x) else NULL,
    labels = named(attr(panel[[i]], "labels")),
    reasons = named(attr(panel[[i]], "reasons")),
    levels = if (is.factor(x)) levels(x) else NULL,
    ordered = is.ordered(x),
    factor = if (is.factor(y) && !is.factor(x)) as.character(y) else NULL,
    factor_levels = if (is.factor(y) && !is.factor(x)) levels(y) else NULL,
    shown = if (haven::is.labelled(z)) as.character(haven::as_factor(z)) else NULL
  )
})
seen <- list(
  dim = dim(panel), dataset = attr(panel, "dataset"), version = attr(panel, "version"), sha256 = attr(panel, "sha256"),
  columns = columns
)
json <- jsonlite::toJSON(seen, na = "null", null = "null", pretty = 1)
writeBin(charToRaw(enc2utf8(paste0(json, "\n"))), arguments[2])
