# digital_surveillance 1.0.0, written by govdata for R.
# source("coded.R") makes
#   panel          the data frame: attr(panel[["x"]], "label") is the label of a column, attr(panel[["x"]], "labels")
#                  its codes. Where haven is installed, missing numbers carry their reason as in a Stata file:
#                  haven::na_tag(panel[["x"]]) gives a (no_evidence), b (unclear), c (not_applicable), d (not_coded).
#   as_factors()   panel with labels in place of codes.
#   as_labelled()  panel with haven's class, and labels of codes and reasons; needs haven.
# Then, for instance:
#   plm::plm(shutdown_events ~ cctv_public, data = plm::pdata.frame(panel, index = c("iso3", "year")), model = "within")
#   fixest::feols(shutdown_events ~ cctv_public | iso3 + year, data = panel)

panel <- local({
  # The CSV file stands beside this script, or in the working directory when these lines are pasted.
  file <- "coded.csv"
  sourced <- unlist(lapply(sys.frames(), function(frame) if (is.character(frame$ofile)) frame$ofile))
  ran <- gsub("~+~", " ", sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)), fixed = TRUE)
  paths <- c(file.path(dirname(rev(c(ran, sourced))), file), file)
  path <- paths[file.exists(paths)][1]
  if (is.na(path)) stop("there is no ", file, " beside this script")

  columns <- c(
    "iso3", "country_name", "year", "cctv_public", "cctv_public_low", "cctv_public_high", "cctv_public_sub",
    "cctv_public_sub_low", "cctv_public_sub_high", "shutdown_events", "shutdown_events_sub", "sim_realname",
    "sim_realname_low", "sim_realname_high", "sim_realname_sub", "sim_realname_sub_low", "sim_realname_sub_high",
    "cctv_public_missing", "cctv_public_sub_missing", "shutdown_events_missing", "shutdown_events_sub_missing",
    "sim_realname_missing", "sim_realname_sub_missing"
  )
  types <- rep(c("character", "integer", "numeric", "character"), c(2, 1, 14, 6))
  classes <- ifelse(types %in% c("integer", "numeric"), types, ifelse(types == "logical", "integer", "character"))
  panel <- utils::read.csv(
    path, header = TRUE, check.names = FALSE, colClasses = classes, na.strings = "", quote = "\"", comment.char = "",
    strip.white = FALSE, stringsAsFactors = FALSE, encoding = "UTF-8"
  )
  if (!identical(dim(panel), c(9L, length(columns)))) stop(path, " is not the file this script was written with")
  names(panel) <- columns
  for (i in which(types == "logical")) panel[[i]] <- as.logical(panel[[i]])
  for (i in which(types == "Date")) panel[[i]] <- as.Date(panel[[i]])
  for (i in which(types == "POSIXct")) {
    panel[[i]] <- as.POSIXct(panel[[i]], format = "%Y-%m-%d %H:%M:%OS", tz = "UTC")
  }

  # Why a number is missing: the column that says it, and the reason where that column says none.
  reasons <- c(no_evidence = "a", unclear = "b", not_applicable = "c", not_coded = "d")
  numbers <- c(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
  beside <- c(18, 18, 18, 19, 19, 19, 20, 21, 22, 22, 22, 23, 23, 23)
  rest <- c("", "", "", "", "", "", "", "", "", "", "", "", "", "")
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
    "\u06a9\u062f \u06a9\u0634\u0648\u0631", "\u0646\u0627\u0645 \u06a9\u0634\u0648\u0631", "\u0633\u0627\u0644",
    "\u0646\u0638\u0627\u0631\u062a \u062a\u0635\u0648\u06cc\u0631\u06cc \u0628\u0631 \u0641\u0636\u0627\u06cc \u0639\u0645\u0648\u0645\u06cc",
    "\u0646\u0638\u0627\u0631\u062a \u062a\u0635\u0648\u06cc\u0631\u06cc \u0628\u0631 \u0641\u0636\u0627\u06cc \u0639\u0645\u0648\u0645\u06cc\u060c \u06a9\u0645\u06cc\u0646\u0647",
    "\u0646\u0638\u0627\u0631\u062a \u062a\u0635\u0648\u06cc\u0631\u06cc \u0628\u0631 \u0641\u0636\u0627\u06cc \u0639\u0645\u0648\u0645\u06cc\u060c \u0628\u06cc\u0634\u06cc\u0646\u0647",
    "\u0646\u0638\u0627\u0631\u062a \u062a\u0635\u0648\u06cc\u0631\u06cc \u0628\u0631 \u0641\u0636\u0627\u06cc \u0639\u0645\u0648\u0645\u06cc\u060c \u0628\u0627\u0644\u0627\u062a\u0631\u06cc\u0646 \u0632\u06cc\u0631\u0645\u0644\u06cc",
    "\u0646\u0638\u0627\u0631\u062a \u062a\u0635\u0648\u06cc\u0631\u06cc \u0628\u0631 \u0641\u0636\u0627\u06cc \u0639\u0645\u0648\u0645\u06cc\u060c \u0628\u0627\u0644\u0627\u062a\u0631\u06cc\u0646 \u0632\u06cc\u0631\u0645\u0644\u06cc\u060c \u06a9\u0645\u06cc\u0646\u0647",
    "\u0646\u0638\u0627\u0631\u062a \u062a\u0635\u0648\u06cc\u0631\u06cc \u0628\u0631 \u0641\u0636\u0627\u06cc \u0639\u0645\u0648\u0645\u06cc\u060c \u0628\u0627\u0644\u0627\u062a\u0631\u06cc\u0646 \u0632\u06cc\u0631\u0645\u0644\u06cc\u060c \u0628\u06cc\u0634\u06cc\u0646\u0647",
    "\u0634\u0645\u0627\u0631 \u0631\u0648\u06cc\u062f\u0627\u062f\u0647\u0627\u06cc \u0645\u0633\u062a\u0646\u062f\u0634\u062f\u0647\u0654 \u0642\u0637\u0639 \u0627\u06cc\u0646\u062a\u0631\u0646\u062a",
    "\u0634\u0645\u0627\u0631 \u0631\u0648\u06cc\u062f\u0627\u062f\u0647\u0627\u06cc \u0645\u0633\u062a\u0646\u062f\u0634\u062f\u0647\u0654 \u0642\u0637\u0639 \u0627\u06cc\u0646\u062a\u0631\u0646\u062a\u060c \u0628\u0627\u0644\u0627\u062a\u0631\u06cc\u0646 \u0632\u06cc\u0631\u0645\u0644\u06cc",
    "\u062b\u0628\u062a \u0633\u06cc\u0645\u200c\u06a9\u0627\u0631\u062a \u0648 \u062d\u0633\u0627\u0628 \u06a9\u0627\u0631\u0628\u0631\u06cc \u0628\u0627 \u0646\u0627\u0645 \u0648\u0627\u0642\u0639\u06cc",
    "\u062b\u0628\u062a \u0633\u06cc\u0645\u200c\u06a9\u0627\u0631\u062a \u0648 \u062d\u0633\u0627\u0628 \u06a9\u0627\u0631\u0628\u0631\u06cc \u0628\u0627 \u0646\u0627\u0645 \u0648\u0627\u0642\u0639\u06cc\u060c \u06a9\u0645\u06cc\u0646\u0647",
    "\u062b\u0628\u062a \u0633\u06cc\u0645\u200c\u06a9\u0627\u0631\u062a \u0648 \u062d\u0633\u0627\u0628 \u06a9\u0627\u0631\u0628\u0631\u06cc \u0628\u0627 \u0646\u0627\u0645 \u0648\u0627\u0642\u0639\u06cc\u060c \u0628\u06cc\u0634\u06cc\u0646\u0647",
    "\u062b\u0628\u062a \u0633\u06cc\u0645\u200c\u06a9\u0627\u0631\u062a \u0648 \u062d\u0633\u0627\u0628 \u06a9\u0627\u0631\u0628\u0631\u06cc \u0628\u0627 \u0646\u0627\u0645 \u0648\u0627\u0642\u0639\u06cc\u060c \u0628\u0627\u0644\u0627\u062a\u0631\u06cc\u0646 \u0632\u06cc\u0631\u0645\u0644\u06cc",
    "\u062b\u0628\u062a \u0633\u06cc\u0645\u200c\u06a9\u0627\u0631\u062a \u0648 \u062d\u0633\u0627\u0628 \u06a9\u0627\u0631\u0628\u0631\u06cc \u0628\u0627 \u0646\u0627\u0645 \u0648\u0627\u0642\u0639\u06cc\u060c \u0628\u0627\u0644\u0627\u062a\u0631\u06cc\u0646 \u0632\u06cc\u0631\u0645\u0644\u06cc\u060c \u06a9\u0645\u06cc\u0646\u0647",
    "\u062b\u0628\u062a \u0633\u06cc\u0645\u200c\u06a9\u0627\u0631\u062a \u0648 \u062d\u0633\u0627\u0628 \u06a9\u0627\u0631\u0628\u0631\u06cc \u0628\u0627 \u0646\u0627\u0645 \u0648\u0627\u0642\u0639\u06cc\u060c \u0628\u0627\u0644\u0627\u062a\u0631\u06cc\u0646 \u0632\u06cc\u0631\u0645\u0644\u06cc\u060c \u0628\u06cc\u0634\u06cc\u0646\u0647",
    "\u0646\u0638\u0627\u0631\u062a \u062a\u0635\u0648\u06cc\u0631\u06cc \u0628\u0631 \u0641\u0636\u0627\u06cc \u0639\u0645\u0648\u0645\u06cc\u060c \u062f\u0644\u06cc\u0644 \u0646\u0628\u0648\u062f",
    "\u0646\u0638\u0627\u0631\u062a \u062a\u0635\u0648\u06cc\u0631\u06cc \u0628\u0631 \u0641\u0636\u0627\u06cc \u0639\u0645\u0648\u0645\u06cc\u060c \u0628\u0627\u0644\u0627\u062a\u0631\u06cc\u0646 \u0632\u06cc\u0631\u0645\u0644\u06cc\u060c \u062f\u0644\u06cc\u0644 \u0646\u0628\u0648\u062f",
    "\u0634\u0645\u0627\u0631 \u0631\u0648\u06cc\u062f\u0627\u062f\u0647\u0627\u06cc \u0645\u0633\u062a\u0646\u062f\u0634\u062f\u0647\u0654 \u0642\u0637\u0639 \u0627\u06cc\u0646\u062a\u0631\u0646\u062a\u060c \u062f\u0644\u06cc\u0644 \u0646\u0628\u0648\u062f",
    "\u0634\u0645\u0627\u0631 \u0631\u0648\u06cc\u062f\u0627\u062f\u0647\u0627\u06cc \u0645\u0633\u062a\u0646\u062f\u0634\u062f\u0647\u0654 \u0642\u0637\u0639 \u0627\u06cc\u0646\u062a\u0631\u0646\u062a\u060c \u0628\u0627\u0644\u0627\u062a\u0631\u06cc\u0646 \u0632\u06cc\u0631\u0645\u0644\u06cc\u060c \u062f\u0644\u06cc\u0644 \u0646\u0628\u0648\u062f",
    "\u062b\u0628\u062a \u0633\u06cc\u0645\u200c\u06a9\u0627\u0631\u062a \u0648 \u062d\u0633\u0627\u0628 \u06a9\u0627\u0631\u0628\u0631\u06cc \u0628\u0627 \u0646\u0627\u0645 \u0648\u0627\u0642\u0639\u06cc\u060c \u062f\u0644\u06cc\u0644 \u0646\u0628\u0648\u062f",
    "\u062b\u0628\u062a \u0633\u06cc\u0645\u200c\u06a9\u0627\u0631\u062a \u0648 \u062d\u0633\u0627\u0628 \u06a9\u0627\u0631\u0628\u0631\u06cc \u0628\u0627 \u0646\u0627\u0645 \u0648\u0627\u0642\u0639\u06cc\u060c \u0628\u0627\u0644\u0627\u062a\u0631\u06cc\u0646 \u0632\u06cc\u0631\u0645\u0644\u06cc\u060c \u062f\u0644\u06cc\u0644 \u0646\u0628\u0648\u062f"
  )
  for (i in which(labels != "")) attr(panel[[i]], "label") <- labels[i]
  for (i in c(4, 5, 6, 7, 8, 9)) attr(panel[[i]], "labels") <- stats::setNames(c(0, 1, 2, 3, 4), c(
    "\u0648\u062c\u0648\u062f \u0646\u062f\u0627\u0631\u062f \u06cc\u0627 \u062a\u0646\u0647\u0627 \u062f\u0631 \u0646\u0642\u0627\u0637 \u067e\u0631\u0627\u06a9\u0646\u062f\u0647",
    "\u0628\u0631\u062e\u06cc \u0634\u0647\u0631\u0647\u0627",
    "\u0628\u06cc\u0634\u062a\u0631 \u0634\u0647\u0631\u0647\u0627\u06cc \u0628\u0632\u0631\u06af",
    "\u0628\u0631\u0646\u0627\u0645\u0647\u0654 \u0633\u0631\u0627\u0633\u0631\u06cc \u062f\u0631 \u0634\u0647\u0631\u0647\u0627",
    "\u0628\u0631\u0646\u0627\u0645\u0647\u0654 \u0633\u0631\u0627\u0633\u0631\u06cc \u062f\u0631 \u0634\u0647\u0631 \u0648 \u0631\u0648\u0633\u062a\u0627"
  ))
  for (i in c(12, 13, 14, 15, 16, 17)) attr(panel[[i]], "labels") <- stats::setNames(c(0, 1, 2, 3, 4), c(
    "\u0648\u062c\u0648\u062f \u0646\u062f\u0627\u0631\u062f",
    "\u062b\u0628\u062a \u0648 \u0646\u06af\u0647\u062f\u0627\u0631\u06cc",
    "\u062b\u0628\u062a \u0648 \u0627\u0634\u062a\u0631\u0627\u06a9\u200c\u06af\u0630\u0627\u0631\u06cc",
    "\u062b\u0628\u062a \u0648 \u062a\u0637\u0628\u06cc\u0642 \u0628\u0627 \u067e\u0627\u06cc\u06af\u0627\u0647 \u062f\u0627\u062f\u0647\u0654 \u062f\u0648\u0644\u062a\u06cc",
    "\u062a\u0637\u0628\u06cc\u0642 \u0632\u06cc\u0633\u062a\u200c\u0633\u0646\u062c\u0634\u06cc\u060c \u06cc\u0627 \u0627\u0644\u0632\u0627\u0645 \u0646\u0627\u0645 \u0648\u0627\u0642\u0639\u06cc \u0628\u0631\u0627\u06cc \u062d\u0633\u0627\u0628\u200c\u0647\u0627\u06cc \u0628\u0631\u062e\u0637 \u0646\u06cc\u0632"
  ))
  for (i in c(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)) attr(panel[[i]], "reasons") <- stats::setNames(c(
    "\u062c\u0633\u062a\u200c\u0648\u062c\u0648 \u0634\u062f\u060c \u0634\u0627\u0647\u062f\u06cc \u06cc\u0627\u0641\u062a \u0646\u0634\u062f",
    "\u0634\u0648\u0627\u0647\u062f \u0647\u0633\u062a\u060c \u0627\u0645\u0627 \u0633\u0637\u062d \u0631\u0627 \u0645\u0639\u06cc\u0646 \u0646\u0645\u06cc\u200c\u06a9\u0646\u062f",
    "\u0645\u0648\u0636\u0648\u0639\u06cc\u062a \u0646\u062f\u0627\u0631\u062f",
    "\u0647\u0646\u0648\u0632 \u062c\u0633\u062a\u200c\u0648\u062c\u0648 \u0646\u0634\u062f\u0647"
  ), c("a", "b", "c", "d"))
  attr(panel, "dataset") <- c("digital_surveillance")
  attr(panel, "version") <- c("1.0.0")
  attr(panel, "sha256") <- c("793718a5b774b316f733ff4a6a727d33f6f0ef39e2f1331de644f8c5605a6b50")
  attr(panel, "citation") <- c("The govdata contributors. 2026. \u201cDigital surveillance by country and year, 2000\u20132025.\u201d Version 1.0.0 (dataset 'digital_surveillance' of govdata; SHA-256 793718a5b774b316\u2026). Licence CC-BY-4.0. Documented shutdowns derive from Access Now, #KeepItOn STOP (CC BY 4.0); AI surveillance from Feldstein, AI and Big Data Global Surveillance Index (2022); tracing apps from Levy and Stewart (2021, MIT); years of data-protection laws in part from the Privacy Law Corpus (Gupta et al. 2022). Every claim names its own source; see claims.csv and sources.csv.")
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

cat("panel: ", nrow(panel), " rows, ", ncol(panel), " columns", " of digital_surveillance 1.0.0", "\n", sep = "")
