# First differences and between.
#
#   Rscript difference.R
#
# Writes difference_<data>.json. plm differences a unit's rows one after another, whatever years lie between; a calendar
# difference needs the year before. Where the panel has gaps both are given: fd_rows is plm's, fd is the calendar one.

source("common.R")
suppressPackageStartupMessages({ library(plm); library(sandwich) })

one <- function(name) {
  d <- dataset(name); s <- datasets[[name]]
  xs <- c(s$x, if (name == "wages") c("ed", "female"))
  f <- as.formula(sprintf("%s ~ %s", s$y, paste(s$x, collapse = " + ")))
  p <- pdata.frame(d, index = c("unit_", "time_"), drop.index = FALSE)
  ols <- lm(f, data = d); X <- model.matrix(ols); y <- unname(model.response(model.frame(ols)))
  years <- d[[s$time]]
  shift <- function(position) {
    cell <- paste(d$unit_, position); before <- match(paste(d$unit_, position - 1), cell); before
  }
  params <- se <- extra <- list()
  row <- ave(seq_along(y), d$unit_, FUN = seq_along)
  gapped <- !identical(is.na(shift(years)), is.na(shift(row)))
  for (rows in c(FALSE, if (gapped) TRUE)) for (constant in c(TRUE, FALSE)) {
    key <- paste0("fd", if (rows) "_rows", if (!constant) "_noconst")
    before <- if (rows) shift(row) else shift(years)
    ok <- !is.na(before)
    dy <- y[ok] - y[before[ok]]; dx <- X[ok, , drop = FALSE] - X[before[ok], , drop = FALSE]
    dx[, 1] <- 1
    if (!constant) dx <- dx[, -1, drop = FALSE]
    g <- droplevels(d$unit_[ok]); at <- years[ok]
    fit <- lm(dy ~ 0 + dx); K <- ncol(dx); n <- length(dy); G <- nlevels(g)
    tidy <- function(v) { dimnames(v) <- list(colnames(dx), colnames(dx)); errors(v) }
    params[[key]] <- renamed(setNames(coef(fit), colnames(dx)))
    values <- list(iid = vcov(fit), HC0 = vcovHC(fit, type = "HC0"), HC1 = vcovHC(fit, type = "HC1"),
                   HC2 = vcovHC(fit, type = "HC2"), HC3 = vcovHC(fit, type = "HC3"),
                   CR0_unit = vcovCL(fit, cluster = g, type = "HC0", cadjust = FALSE),
                   CRV1_unit = vcovCL(fit, cluster = g, type = "HC1"),
                   CR0_time = vcovCL(fit, cluster = at, type = "HC0", cadjust = FALSE))
    for (kind in names(values)) se[[paste(key, kind, sep = "_")]] <- tidy(values[[kind]])
    se[[paste(key, "CRHC1_unit", sep = "_")]] <- se[[paste(key, "CR0_unit", sep = "_")]] * sqrt(n / (n - K))
    extra[[key]] <- list(n = n, units = G, r2 = if (constant) 1 - sum(residuals(fit)^2) / sum((dy - mean(dy))^2) else NULL,
                         rss = sum(residuals(fit)^2))
    extra[[key]] <- extra[[key]][!vapply(extra[[key]], is.null, TRUE)]
    if (rows || !gapped) {
      from <- plm(if (constant) f else update(f, . ~ . - 1), data = p, model = "fd")
      close_to(coef(from), params[[key]], paste(name, key), 1e-8)
      close_to(errors(vcov(from)), se[[paste0(key, "_iid")]], paste(name, key, "iid"), 1e-8)
      close_to(errors(vcovHC(from, method = "arellano", type = "HC0")), se[[paste0(key, "_CR0_unit")]], paste(name, key, "CR0"), 1e-8)
      if (identical(levels(g), levels(d$unit_)))
        close_to(errors(vcovHC(from, method = "arellano", type = "sss")), se[[paste0(key, "_CRV1_unit")]], paste(name, key, "sss"), 1e-8)
    }
  }
  fb <- as.formula(sprintf("%s ~ %s", s$y, paste(xs, collapse = " + ")))
  full <- model.matrix(lm(fb, data = d))
  for (effect in c("unit", "time")) {
    if (effect == "time" && nlevels(d$time_) <= length(xs) + 1) next
    if (effect == "time" && (name %in% c("wages", "empluk"))) next
    g <- if (effect == "unit") d$unit_ else d$time_
    key <- if (effect == "unit") "between" else "between_time"
    count <- as.vector(table(g)); my <- as.vector(rowsum(y, g)) / count; mx <- rowsum(full, g) / count
    fit <- lm(my ~ 0 + mx)
    from <- plm(fb, data = p, model = "between", effect = if (effect == "unit") "individual" else "time")
    params[[key]] <- renamed(coef(from))
    close_to(coef(fit), coef(from), paste(name, key), 1e-7)
    close_to(sqrt(diag(vcov(fit))), sqrt(diag(vcov(from))), paste(name, key, "se"), 1e-7)
    tidy <- function(v) { dimnames(v) <- list(colnames(full), colnames(full)); errors(v) }
    se[[paste0(key, "_iid")]] <- errors(vcov(from))
    for (kind in c("HC0", "HC1", "HC2", "HC3")) se[[paste(key, kind, sep = "_")]] <- tidy(vcovHC(fit, type = kind))
    extra[[key]] <- list(n = length(my), r2 = 1 - sum(residuals(fit)^2) / sum((my - mean(my))^2), rss = sum(residuals(fit)^2))
    weighted <- lm(my ~ 0 + mx, weights = count)
    if (length(unique(count)) > 1) {
      params[[paste0(key, "_weighted")]] <- renamed(setNames(coef(weighted), colnames(full)))
      se[[paste0(key, "_weighted_iid")]] <- tidy(vcov(weighted))
    }
  }
  write_case(list(
    case = paste0("difference_", name), data = paste0(name, ".csv"), unit = s$unit, time = s$time, model = govdata_formula(s),
    model_between = govdata_formula(s, x = xs), r_code = deparse1(f), script = "difference.R", software = versions("plm", "sandwich"),
    n = nrow(d), units = nlevels(d$unit_), periods = nlevels(d$time_), gapped = gapped, params = params, se = se, extra = extra))
  cat(name, gapped, length(params), "\n")
}

for (name in c("grunfeld", "grunfeld_gaps", "grunfeld_ends", "grunfeld_hole", "grunfeld_six", "gasoline", "produc", "empluk", "wages", "cigar")) one(name)
