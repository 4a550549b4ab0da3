# Shared by the scripts of this directory: reading and writing, Newton steps, sandwiches.
# Every script runs as   Rscript name.R   from anywhere and writes beside itself.

argument <- grep("^--file=", commandArgs(), value = TRUE)
folder <- if (length(argument)) dirname(sub("^--file=", "", argument)) else "."

# ---- files -----------------------------------------------------------------------------------------------------------

number <- function(value) {
  # the shortest of 15, 16, 17 significant digits that reads back as the same double
  text <- formatC(value, digits = 15, format = "g")
  for (digits in 16:17) {
    off <- which(!is.na(value) & suppressWarnings(as.numeric(text)) != value)
    text[off] <- formatC(value[off], digits = digits, format = "g")
  }
  text <- trimws(text)
  text[is.na(value)] <- ""
  text
}

save_csv <- function(data, name) {
  cells <- lapply(data, function(column) {
    if (is.numeric(column)) number(column) else if (is.logical(column)) as.integer(column) else as.character(column)
  })
  lines <- c(paste(names(data), collapse = ","), do.call(paste, c(unname(cells), sep = ",")))
  con <- file(file.path(folder, name), open = "wb")
  writeLines(lines, con)
  close(con)
}

# writes, then reads back: what is fitted is what the file says
settle <- function(data, name) {
  save_csv(data, name)
  read.csv(file.path(folder, name), stringsAsFactors = FALSE)
}

json <- function(value, indent = "") {
  deeper <- paste0(indent, "  ")
  text <- function(s) paste0("\"", gsub("([\"\\\\])", "\\\\\\1", s), "\"")
  if (is.null(value)) return("null")
  if (is.matrix(value)) {
    rows <- apply(value, 1, function(row) json(unname(row)))
    return(sprintf("[%s]", paste0("\n", deeper, rows, collapse = ",")))
  }
  if (is.list(value) || !is.null(names(value))) {
    value <- as.list(value)
    if (is.null(names(value))) {
      inner <- vapply(value, json, "", indent = deeper)
      return(sprintf("[%s]", paste(inner, collapse = ", ")))
    }
    inner <- vapply(names(value), function(n) paste0(deeper, text(n), ": ", json(value[[n]], deeper)), "")
    return(sprintf("{\n%s\n%s}", paste(inner, collapse = ",\n"), indent))
  }
  one <- function(v) {
    if (is.na(v)) "null"
    else if (is.logical(v)) tolower(as.character(v))
    else if (is.character(v)) text(v)
    else if (is.infinite(v)) text(as.character(v))
    else formatC(v, digits = 17, format = "g")
  }
  parts <- vapply(seq_along(value), function(i) trimws(one(value[i])), "")
  if (length(parts) == 1) parts else sprintf("[%s]", paste(parts, collapse = ", "))
}

# an array even when it holds one value
array_of <- function(values) as.list(unname(values))

software <- function(...) {
  packages <- c(...)
  c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
    sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE))
}

save_json <- function(value, name) {
  con <- file(file.path(folder, name), open = "wb")
  writeLines(json(value), con)
  close(con)
}

same <- function(a, b, what, tolerance = 1e-9) {
  off <- max(abs(unname(a) - unname(b)) / pmax(abs(unname(b)), 1e-12))
  if (!is.finite(off) || off > tolerance) stop(what, " differs by ", off)
}

# R's term names in the grammar of the formulas
canonical <- function(names) {
  names <- sub("^\\(Intercept\\)$", "Intercept", names)
  gsub("factor\\(([^)]*)\\)([^:]*)", "C(\\1)[\\2]", names)
}

# ---- likelihoods -----------------------------------------------------------------------------------------------------

# the inverse of a positive definite matrix whose columns may be of very different sizes
inverse <- function(m) {
  scale <- 1 / sqrt(diag(m))
  inner <- solve(m * outer(scale, scale), tol = 1e-18) * outer(scale, scale)
  dimnames(inner) <- dimnames(m)
  inner
}

# `likelihood(par)` gives list(ll, scores (n x k), hessian (k x k)). Newton steps from `start` until the sum of
# scores, each in units of its parameter's standard error, is nil; then the Hessian is checked by differences.
newton <- function(start, likelihood, what = "model") {
  par <- start
  for (step in 1:100) {
    at <- likelihood(par)
    gradient <- colSums(at$scores)
    move <- drop(inverse(-at$hessian) %*% gradient)
    if (max(abs(move) / (abs(par) + 1e-3)) < 1e-15) break
    half <- 1
    while (half > 1e-6 && !isTRUE(likelihood(par + half * move)$ll >= at$ll - 1e-9 * abs(at$ll))) half <- half / 2
    par <- par + half * move
  }
  at <- likelihood(par)
  units <- sqrt(diag(inverse(-at$hessian)))
  if (max(abs(colSums(at$scores)) * units) > 1e-9) stop(what, " has not converged")
  scale <- 1 / sqrt(diag(-at$hessian))
  rough <- sapply(seq_along(par), function(j) {
    step <- scale[j] * 1e-3
    up <- down <- par
    up[j] <- up[j] + step
    down[j] <- down[j] - step
    (colSums(likelihood(up)$scores) - colSums(likelihood(down)$scores)) / (2 * step)
  })
  off <- max(abs(rough - at$hessian) * outer(scale, scale))
  if (off > 1e-5) stop(what, ": the Hessian differs from differences of the score by ", off)
  # and the score by differences of the log-likelihood, half a standard error away
  aside <- par + 0.5 * scale
  slope <- sapply(seq_along(par), function(j) {
    up <- down <- aside
    up[j] <- up[j] + scale[j] * 1e-4
    down[j] <- down[j] - scale[j] * 1e-4
    (likelihood(up)$ll - likelihood(down)$ll) / 2e-4
  })
  off <- max(abs(slope - colSums(likelihood(aside)$scores) * scale))
  if (off > 1e-4) stop(what, ": the score differs from differences of the log-likelihood by ", off)
  c(list(par = par, names = names(start)), at)
}

# ---- standard errors -------------------------------------------------------------------------------------------------

meat <- function(scores, groups = NULL) crossprod(if (is.null(groups)) scores else rowsum(scores, groups, reorder = FALSE))
wrap <- function(bread, middle) bread %*% middle %*% bread
errors <- function(v, names = NULL) {
  se <- sqrt(diag(v))
  names(se) <- if (is.null(names)) canonical(rownames(v)) else names
  se
}
size <- function(groups) length(unique(groups))

# Every convention from the scores and one bread (an inverse information matrix). `by` is a list of one or two clusters.
# N, K: rows and all estimated parameters.
conventions <- function(scores, bread, by = list(), names = NULL, k = ncol(scores)) {
  n <- nrow(scores)
  v <- list(iid = bread, HC0 = wrap(bread, meat(scores)))
  v$HC1 <- v$HC0 * n / (n - k)
  rows <- (n - 1) / (n - k)
  for (cluster in names(by)) {
    g <- size(by[[cluster]])
    cr0 <- wrap(bread, meat(scores, by[[cluster]]))
    v[[paste0("CR0_", cluster)]] <- cr0
    v[[paste0("CR1_", cluster)]] <- cr0 * g / (g - 1)
    v[[paste0("CRV1_", cluster)]] <- cr0 * g / (g - 1) * rows
  }
  if (length(by) == 2) {
    cell <- paste(by[[1]], by[[2]])
    parts <- list(wrap(bread, meat(scores, by[[1]])), wrap(bread, meat(scores, by[[2]])), wrap(bread, meat(scores, cell)))
    g <- c(size(by[[1]]), size(by[[2]]), size(cell))
    own <- g / (g - 1)
    low <- min(g[1:2])
    plain <- parts[[1]] + parts[[2]] - parts[[3]]
    conventional <- own[1] * parts[[1]] + own[2] * parts[[2]] - own[3] * parts[[3]]
    v$CR0_twoway <- plain
    v$CR1_twoway_conventional <- conventional
    v$CR1_twoway_min <- plain * low / (low - 1)
    v$CRV1_twoway_conventional <- conventional * rows
    v$CRV1_twoway_min <- plain * low / (low - 1) * rows
  }
  # a two-way variance that comes out negative is no number: null
  lapply(v, function(m) if (any(diag(m) < 0)) NULL else errors(m, names))
}
