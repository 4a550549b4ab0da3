# expert_scores 1.0.0, written by govdata for R.
# source("scores.R") makes
#   panel          the data frame: attr(panel[["x"]], "label") is the label of a column, attr(panel[["x"]], "labels")
#                  its codes. Where haven is installed, missing numbers carry their reason as in a Stata file:
#                  haven::na_tag(panel[["x"]]) gives a (no_evidence), b (unclear), c (not_applicable), d (not_coded).
#   as_factors()   panel with labels in place of codes.
#   as_labelled()  panel with haven's class, and labels of codes and reasons; needs haven.
# Then, for instance:
#   plm::plm(v2x_libdem ~ v2smgovdom, data = plm::pdata.frame(panel, index = c("iso3", "year")), model = "within")
#   fixest::feols(v2x_libdem ~ v2smgovdom | iso3 + year, data = panel)

panel <- local({
  # The CSV file stands beside this script, or in the working directory when these lines are pasted.
  file <- "scores.csv"
  sourced <- unlist(lapply(sys.frames(), function(frame) if (is.character(frame$ofile)) frame$ofile))
  ran <- gsub("~+~", " ", sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)), fixed = TRUE)
  paths <- c(file.path(dirname(rev(c(ran, sourced))), file), file)
  path <- paths[file.exists(paths)][1]
  if (is.na(path)) stop("there is no ", file, " beside this script")

  columns <- c(
    "iso3", "country_name", "year", "source_version", "v2smgovdom", "v2smgovdom_low", "v2smgovdom_high",
    "v2smgovdom_sd", "v2x_libdem", "v2x_libdem_low", "v2x_libdem_high", "v2x_libdem_sd", "regime_row",
    "v2smgovdom_missing", "v2x_libdem_missing", "regime_row_missing"
  )
  types <- rep(c("character", "integer", "character", "numeric", "character"), c(2, 1, 1, 9, 3))
  classes <- ifelse(types %in% c("integer", "numeric"), types, ifelse(types == "logical", "integer", "character"))
  panel <- utils::read.csv(
    path, header = TRUE, check.names = FALSE, colClasses = classes, na.strings = "", quote = "\"", comment.char = "",
    strip.white = FALSE, stringsAsFactors = FALSE, encoding = "UTF-8"
  )
  if (!identical(dim(panel), c(60L, length(columns)))) stop(path, " is not the file this script was written with")
  names(panel) <- columns
  for (i in which(types == "logical")) panel[[i]] <- as.logical(panel[[i]])
  for (i in which(types == "Date")) panel[[i]] <- as.Date(panel[[i]])
  for (i in which(types == "POSIXct")) {
    panel[[i]] <- as.POSIXct(panel[[i]], format = "%Y-%m-%d %H:%M:%OS", tz = "UTC")
  }

  # Why a number is missing: the column that says it, and the reason where that column says none.
  reasons <- c(no_evidence = "a", unclear = "b", not_applicable = "c", not_coded = "d")
  numbers <- c(5, 6, 7, 8, 9, 10, 11, 12)
  beside <- c(14, 14, 14, 14, 15, 15, 15, 15)
  rest <- c("", "", "", "", "", "", "", "")
  if (requireNamespace("haven", quietly = TRUE)) {
    for (i in seq_along(numbers)) {
      x <- panel[[numbers[i]]]
      word <- panel[[beside[i]]]
      word[is.na(word)] <- rest[i]
      tag <- unname(reasons[word])
      known <- is.na(x) & !is.na(tag)
      x[known] <- haven::tagged_na(tag[known])
      panel[[numbers[i]]] <- x
    }
  }

  labels <- c(
    "Country code", "Country name", "Year", "Release of the source", "Government false information at home",
    "Government false information at home, lowest reading",
    "Government false information at home, highest reading",
    "Government false information at home, standard deviation", "Liberal democracy",
    "Liberal democracy, lowest reading", "Liberal democracy, highest reading",
    "Liberal democracy, standard deviation", "Political regime, Regimes of the World",
    "Government false information at home, reason missing", "Liberal democracy, reason missing",
    "Political regime, Regimes of the World, reason missing"
  )
  for (i in which(labels != "")) attr(panel[[i]], "label") <- labels[i]
  for (i in c(13)) attr(panel[[i]], "labels") <- stats::setNames(c(0, 1, 2, 3), c("closed autocracy", "electoral autocracy", "electoral democracy", "liberal democracy"))
  for (i in c(5, 6, 7, 8, 9, 10, 11, 12)) attr(panel[[i]], "reasons") <- stats::setNames(c("the source has no value", "unclear in the source", "does not apply", "the source does not cover this year"), c("a", "b", "c", "d"))
  attr(panel, "dataset") <- c("expert_scores")
  attr(panel, "version") <- c("1.0.0")
  attr(panel, "sha256") <- c("9dbc8d0f13b76dd509bb19d32ceefeb394aa7327df3cbe9c15a68f7be18652bc")
  attr(panel, "citation") <- c("The govdata contributors. 2026. \u201cExpert scores on democracy and digital society, 1990\u20132025.\u201d Version 1.0.0 (dataset 'expert_scores' of govdata; SHA-256 9dbc8d0f13b76dd5\u2026). Licence CC-BY-SA-4.0. Contains data of the V-Dem Institute (V-Dem v15 and v12, CC BY-SA 4.0) and the Digital Society Project (v1: Mechkova, Pemstein, Seim and Wilson 2019), and Regimes of the World as processed by Our World in Data; cite them too, see sources.csv. Values keep their ShareAlike licence and are kept apart from the other datasets.")
  panel
})

as_factors <- function(data = panel, ordered = FALSE) {
  for (i in seq_along(data)) {
    codes <- attr(data[[i]], "labels", exact = TRUE)
    if (is.null(codes) || !all(is.na(data[[i]]) | data[[i]] %in% codes)) next
    texts <- if (anyDuplicated(names(codes))) paste(codes, names(codes)) else names(codes)
    label <- attr(data[[i]], "label", exact = TRUE)
    data[[i]] <- factor(data[[i]], levels = codes, labels = texts, ordered = ordered)
    attr(data[[i]], "label") <- label
  }
  data
}

as_labelled <- function(data = panel) {
  if (!requireNamespace("haven", quietly = TRUE)) stop("as_labelled() needs haven: install.packages(\"haven\")")
  for (i in seq_along(data)) {
    codes <- attr(data[[i]], "labels", exact = TRUE)
    words <- attr(data[[i]], "reasons")
    if (length(words)) codes <- c(codes, stats::setNames(haven::tagged_na(names(words)), words))
    if (length(codes)) data[[i]] <- haven::labelled(as.double(data[[i]]), codes, attr(data[[i]], "label", exact = TRUE))
  }
  data
}

cat("panel: ", nrow(panel), " rows, ", ncol(panel), " columns", " of expert_scores 1.0.0", "\n", sep = "")
