# What the scripts of this folder share: reading the data, checking two computations against each other, writing JSON.

close_to <- function(a, b, what, tolerance = 1e-9) {
  a <- unname(as.matrix(a)); b <- unname(as.matrix(b))
  if (!identical(is.na(a), is.na(b))) stop(what, ": undefined in one of two only")
  if (all(is.na(b))) return(0)
  off <- max(abs(a - b) / pmax(abs(b), 1e-300), na.rm = TRUE)
  if (!is.finite(off) || off > tolerance) stop(what, " differs by ", format(off))
  off
}

# The package version of what a script used.
versions <- function(...) {
  found <- list(R = paste(R.version$major, R.version$minor, sep = "."))
  for (name in c(...)) found[[name]] <- as.character(packageVersion(name))
  found
}

# pcse and panelAR are in CRAN's archive only. PCSE_SOURCE and PANELAR_SOURCE name the folders that hold their R files.
archived <- function(variable, version) {
  folder <- Sys.getenv(variable)
  files <- list.files(folder, pattern = "[.]R$", full.names = TRUE)
  if (!nzchar(folder) || !length(files)) stop("set ", variable, " to the folder of the R files of version ", version)
  home <- new.env(parent = globalenv())
  for (file in files) sys.source(file, envir = home)
  home
}

renamed <- function(v) {
  names(v)[names(v) == "(Intercept)"] <- "Intercept"
  v
}

# Square roots of the diagonal; NA (null in the JSON) where a variance is negative.
errors <- function(v, terms = rownames(v)) {
  d <- diag(v)[terms]
  renamed(ifelse(d < 0, NA, sqrt(pmax(d, 0))))
}

json <- function(value, indent = 0) {
  pad <- strrep("  ", indent + 1)
  close <- strrep("  ", indent)
  if (is.null(value)) return("null")
  if (is.factor(value)) value <- as.character(value)
  if (is.list(value) || !is.null(names(value))) {
    if (!length(value)) return("{}")
    value <- as.list(value)
    inner <- vapply(names(value), function(n) sprintf("%s\"%s\": %s", pad, n, json(value[[n]], indent + 1)), "")
    if (is.null(names(value))) stop("unnamed list")
    return(sprintf("{\n%s\n%s}", paste(inner, collapse = ",\n"), close))
  }
  if (length(value) > 1) return(sprintf("[%s]", paste(vapply(value, json, ""), collapse = ", ")))
  if (is.character(value)) return(sprintf("\"%s\"", gsub("\n", " ", gsub("\"", "\\\\\"", gsub("\\\\", "\\\\\\\\", value)))))
  if (is.logical(value) && !is.na(value)) return(if (value) "true" else "false")
  if (is.na(value) || !is.finite(value)) return("null")
  trimws(formatC(value, digits = 17, format = "g"))
}

write_case <- function(case) writeLines(json(case), paste0(case$case, ".json"))

# A matrix as a list of rows.
rows_of <- function(m) {
  dimnames(m) <- lapply(dimnames(m), function(n) ifelse(n == "(Intercept)", "Intercept", n))
  apply(m, 1, as.list)
}

datasets <- list(
  grunfeld = list(unit = "firm", time = "year", y = "inv", x = c("value", "capital")),
  grunfeld_gaps = list(unit = "firm", time = "year", y = "inv", x = c("value", "capital")),
  grunfeld_ends = list(unit = "firm", time = "year", y = "inv", x = c("value", "capital")),
  grunfeld_hole = list(unit = "firm", time = "year", y = "inv", x = c("value", "capital")),
  grunfeld_sparse = list(unit = "firm", time = "year", y = "inv", x = c("value", "capital")),
  grunfeld_six = list(unit = "firm", time = "year", y = "inv", x = c("value", "capital")),
  gasoline = list(unit = "country", time = "year", y = "lgaspcar", x = c("lincomep", "lrpmg", "lcarpcap")),
  produc = list(unit = "state", time = "year", y = "log(gsp)", x = c("log(pcap)", "log(pc)", "log(emp)", "unemp")),
  cigar = list(unit = "state", time = "year", y = "log(sales)", x = c("log(price)", "log(pimin)", "log(ndi)")),
  empluk = list(unit = "firm", time = "year", y = "log(emp)", x = c("log(wage)", "log(capital)", "log(output)")),
  wages = list(unit = "person", time = "year", y = "lwage", x = c("wks", "bluecol", "married", "union")),
  males = list(unit = "nr", time = "year", y = "wage", x = c("union", "married", "health")),
  petersen = list(unit = "firm", time = "year", y = "y", x = "x")
)

dataset <- function(name) {
  d <- read.csv(paste0(name, ".csv"), stringsAsFactors = FALSE)
  s <- datasets[[name]]
  d$unit_ <- factor(d[[s$unit]]); d$time_ <- factor(d[[s$time]])
  d <- d[order(d$unit_, d$time_), ]
  rownames(d) <- NULL
  d
}

govdata_formula <- function(s, effects = character(), x = s$x) {
  f <- sprintf("%s ~ %s", s$y, paste(x, collapse = " + "))
  if (length(effects)) f <- sprintf("%s | %s", f, paste(unlist(s[effects]), collapse = " + "))
  f
}

# Random intercepts by ML or REML: the root of the profile score in psi = sigma_u^2 / sigma_e^2.
likelihood <- function(y, x, unit, restricted) {
  n <- length(y); p <- ncol(x); T <- as.vector(table(unit)); g <- as.integer(unit)
  means <- function(v) as.vector(rowsum(v, g))[g] / T[g]
  at <- function(psi) {
    theta <- 1 - 1 / sqrt(1 + T * psi)
    ys <- y - theta[g] * means(y); xs <- apply(x, 2, function(v) v - theta[g] * means(v))
    fit <- lm.fit(xs, ys); inverse <- chol2inv(qr.R(fit$qr))
    o <- order(fit$qr$pivot); inverse <- inverse[o, o]
    list(b = fit$coefficients, rss = sum(fit$residuals^2), inverse = inverse, sums = rowsum(y - drop(x %*% fit$coefficients), g))
  }
  xsum <- rowsum(x, g)
  score <- function(psi) {
    a <- at(psi); m <- if (restricted) n - p else n
    s <- m / (2 * a$rss) * sum(a$sums^2 / (1 + T * psi)^2) - sum(T / (1 + T * psi)) / 2
    if (restricted) s <- s + sum(a$inverse * crossprod(xsum, xsum / (1 + T * psi)^2)) / 2
    s
  }
  psi <- if (score(0) <= 0) 0 else uniroot(score, c(0, 1e4), tol = 1e-15, maxiter = 10000)$root
  a <- at(psi); m <- if (restricted) n - p else n
  logdet <- -sum(log(diag(chol(a$inverse)))) * 2
  ll <- -m / 2 * (log(2 * pi * a$rss / m) + 1) - sum(log(1 + T * psi)) / 2 - if (restricted) logdet / 2 else 0
  v <- a$inverse * a$rss / m; dimnames(v) <- list(colnames(x), colnames(x))
  list(b = a$b, v = v, sigma_e = sqrt(a$rss / m), sigma_u = sqrt(psi * a$rss / m), loglik = ll)
}

# The JSON speaks of terms as a formula of govdata does.
spoken <- function(v) {
  v <- renamed(v)
  names(v) <- sub("^factor\\((\\w+)\\)(.+)$", "C(\\1)[\\2]", names(v))
  v
}

# Covariance of the units' residuals over common periods, then its sandwich: the definition, without Kronecker.
pcse_direct <- function(x, e, unit, time, pairwise = TRUE) {
  units <- levels(unit); times <- levels(time)
  at <- cbind(as.integer(time), as.integer(unit))
  E <- matrix(0, length(times), length(units)); E[at] <- e
  seen <- matrix(0, length(times), length(units)); seen[at] <- 1
  if (pairwise) {
    both <- crossprod(seen)
    if (any(both == 0)) return(NULL)
    Sigma <- crossprod(E) / both
  } else {
    whole <- rowSums(seen) == length(units)
    if (!any(whole)) return(NULL)
    Sigma <- crossprod(E[whole, , drop = FALSE]) / sum(whole)
  }
  bread <- solve(crossprod(x))
  meat <- matrix(0, ncol(x), ncol(x))
  for (t in times) {
    at_t <- which(time == t)
    s <- Sigma[as.integer(unit)[at_t], as.integer(unit)[at_t], drop = FALSE]
    meat <- meat + crossprod(x[at_t, , drop = FALSE], s %*% x[at_t, , drop = FALSE])
  }
  v <- bread %*% meat %*% bread
  dimnames(v) <- list(colnames(x), colnames(x))
  v
}
