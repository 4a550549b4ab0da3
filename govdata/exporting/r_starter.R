# @WHAT@
# source("@SCRIPT@") makes
#   panel          the data frame: attr(panel[["x"]], "label") is the label of a column, attr(panel[["x"]], "labels")
#                  its codes. Where haven is installed, missing numbers carry their reason as in a Stata file:
#                  haven::na_tag(panel[["x"]]) gives a (no_evidence), b (unclear), c (not_applicable), d (not_coded).
#   as_factors()   panel with labels in place of codes.
#   as_labelled()  panel with haven's class, and labels of codes and reasons; needs haven.
@MODELS@
panel <- local({
  # The CSV file stands beside this script, or in the working directory when these lines are pasted.
  file <- @CSV@
  sourced <- unlist(lapply(sys.frames(), function(frame) if (is.character(frame$ofile)) frame$ofile))
  ran <- gsub("~+~", " ", sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)), fixed = TRUE)
  paths <- c(file.path(dirname(rev(c(ran, sourced))), file), file)
  path <- paths[file.exists(paths)][1]
  if (is.na(path)) stop("there is no ", file, " beside this script")

  columns <- @NAMES@
  types <- @TYPES@
  classes <- ifelse(types %in% c("integer", "numeric"), types, ifelse(types == "logical", "integer", "character"))
  panel <- utils::read.csv(
    path, header = TRUE, check.names = FALSE, colClasses = classes, na.strings = "", quote = "\"", comment.char = "",
    strip.white = FALSE, stringsAsFactors = FALSE, encoding = "UTF-8"
  )
  if (!identical(dim(panel), c(@ROWS@L, length(columns)))) stop(path, " is not the file this script was written with")
  names(panel) <- columns
  for (i in which(types == "logical")) panel[[i]] <- as.logical(panel[[i]])
  for (i in which(types == "Date")) panel[[i]] <- as.Date(panel[[i]])
  for (i in which(types == "POSIXct")) {
    panel[[i]] <- as.POSIXct(panel[[i]], format = "%Y-%m-%d %H:%M:%OS", tz = "UTC")
  }
@CHANGES@
  # Why a number is missing: the column that says it, and the reason where that column says none.
  reasons <- c(@LETTERS@)
  numbers <- @NUMBERS@
  beside <- @BESIDE@
  rest <- @REST@
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

  labels <- @LABELS@
  for (i in which(labels != "")) attr(panel[[i]], "label") <- labels[i]
@LABELLED@
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

cat("panel: ", nrow(panel), " rows, ", ncol(panel), " columns", @FROM@, "\n", sep = "")
