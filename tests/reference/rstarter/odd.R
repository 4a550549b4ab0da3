# A data frame, written by govdata for R.
# source("odd.R") makes
#   panel          the data frame: attr(panel[["x"]], "label") is the label of a column, attr(panel[["x"]], "labels")
#                  its codes. Where haven is installed, missing numbers carry their reason as in a Stata file:
#                  haven::na_tag(panel[["x"]]) gives a (no_evidence), b (unclear), c (not_applicable), d (not_coded).
#   as_factors()   panel with labels in place of codes.
#   as_labelled()  panel with haven's class, and labels of codes and reasons; needs haven.

panel <- local({
  # The CSV file stands beside this script, or in the working directory when these lines are pasted.
  file <- "odd.csv"
  sourced <- unlist(lapply(sys.frames(), function(frame) if (is.character(frame$ofile)) frame$ofile))
  ran <- gsub("~+~", " ", sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)), fixed = TRUE)
  paths <- c(file.path(dirname(rev(c(ran, sourced))), file), file)
  path <- paths[file.exists(paths)][1]
  if (is.na(path)) stop("there is no ", file, " beside this script")

  columns <- c("n", "w", "big", "b", "d", "m", "c", "u", "=text", "\u0646\u0627\u0645 \u540d", "if")
  types <- rep(c("numeric", "integer", "numeric", "logical", "Date", "POSIXct", "character", "numeric"), c(1, 1, 1, 1, 1, 1, 4, 1))
  classes <- ifelse(types %in% c("integer", "numeric"), types, ifelse(types == "logical", "integer", "character"))
  panel <- utils::read.csv(
    path, header = TRUE, check.names = FALSE, colClasses = classes, na.strings = "", quote = "\"", comment.char = "",
    strip.white = FALSE, stringsAsFactors = FALSE, encoding = "UTF-8"
  )
  if (!identical(dim(panel), c(5L, length(columns)))) stop(path, " is not the file this script was written with")
  names(panel) <- columns
  for (i in which(types == "logical")) panel[[i]] <- as.logical(panel[[i]])
  for (i in which(types == "Date")) panel[[i]] <- as.Date(panel[[i]])
  for (i in which(types == "POSIXct")) {
    panel[[i]] <- as.POSIXct(panel[[i]], format = "%Y-%m-%d %H:%M:%OS", tz = "UTC")
  }
  for (i in c(7, 9)) panel[[i]] <- sub("^'('*[-=+@\\t\\r\\n\\uff1d\\uff0b\\uff0d\\uff20])", "\\1", panel[[i]])
  panel[[7]] <- factor(panel[[7]], levels = c("=low", "low", "high"), ordered = TRUE)
  panel[[8]] <- factor(panel[[8]], levels = c("b", "a"), ordered = FALSE)

  # Why a number is missing: the column that says it, and the reason where that column says none.
  reasons <- c(no_evidence = "a", unclear = "b", not_applicable = "c", not_coded = "d")
  numbers <- c()
  beside <- c()
  rest <- c()
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

  labels <- c("a \"label\" \\ \u4e2d\u6587 \U0001f3a5", "", "", "", "", "", "", "", "", "", "reserved")
  for (i in which(labels != "")) attr(panel[[i]], "label") <- labels[i]
  for (i in c(2)) attr(panel[[i]], "labels") <- stats::setNames(c(1, 5), c("same", "same"))
  for (i in c(11)) attr(panel[[i]], "labels") <- stats::setNames(c(1, 2), c("one", "two \"2\" \u4e8c"))
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

cat("panel: ", nrow(panel), " rows, ", ncol(panel), " columns", "", "\n", sep = "")
