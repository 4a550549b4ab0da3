# Krippendorff's alpha in base R, after Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C.
# Rscript krippendorff.R > krippendorff.json
data <- rbind(
  c(1, 2, 3, 3, 2, 1, 4, 1, 2, NA, NA, NA),
  c(1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NA, 3),
  c(NA, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NA),
  c(1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NA)
)
alpha <- function(data, metric) {
  values <- sort(unique(na.omit(as.vector(data))))
  k <- length(values)
  o <- matrix(0, k, k)
  for (u in seq_len(ncol(data))) {
    found <- match(na.omit(data[, u]), values)
    m <- length(found)
    if (m < 2) next
    for (i in seq_len(m)) for (j in seq_len(m)) if (i != j) {
      o[found[i], found[j]] <- o[found[i], found[j]] + 1 / (m - 1)
    }
  }
  n <- rowSums(o)
  delta <- matrix(0, k, k)
  for (c in seq_len(k)) for (d in seq_len(k)) if (c != d) {
    delta[c, d] <- switch(metric,
      nominal = 1,
      ordinal = (sum(n[min(c, d):max(c, d)]) - (n[c] + n[d]) / 2)^2,
      interval = (values[c] - values[d])^2,
      ratio = ((values[c] - values[d]) / (values[c] + values[d]))^2
    )
  }
  1 - (sum(n) - 1) * sum(o * delta) / sum(outer(n, n) * delta)
}
metrics <- c("nominal", "ordinal", "interval", "ratio")
row <- function(x) paste0("[", paste(ifelse(is.na(x), "null", x), collapse = ", "), "]")
cat('{\n "ratings": [\n  ', paste(apply(data, 1, row), collapse = ",\n  "), '\n ],\n "alpha": {\n', sep = "")
cat(paste0('  "', metrics, '": ', sapply(metrics, function(m) format(alpha(data, m), digits = 15)), collapse = ",\n"))
cat("\n }\n}\n")
