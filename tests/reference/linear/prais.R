# Prais-Winsten with a common or a panel-specific AR(1), panel-corrected errors.
#
#   PANELAR_SOURCE=... Rscript prais.R
#
# Writes prais_<data>.json. Values come from panelAR (CRAN archive); the script stops if the definition, written out in
# direct(), differs. panelAR counts observed periods one after another, so a year that no unit has is no gap to it;
# in grunfeld_hole that is the key, and the same with the years counted by the calendar is under <key>_calendar.

source("common.R")
panelar_code <- archived("PANELAR_SOURCE", "0.1")

rho_types <- c("breg", "freg", "dw", "theil-nagar", "scorr", "theil")

# e: a unit's residuals over all periods, NA where not observed.
rho_of <- function(e, k, type) {
  now <- e[-1]; before <- e[-length(e)]
  both <- !is.na(now) & !is.na(before)
  cross <- sum((now * before)[both]); sse <- sum(e^2, na.rm = TRUE); t <- sum(!is.na(e))
  dw <- sum((now - before)[both]^2) / sse
  switch(type,
    breg = cross / sum(before[both]^2),
    freg = cross / sum(now[both]^2),
    dw = 1 - dw / 2,
    "theil-nagar" = (t^2 * (1 - dw / 2) + k^2) / (t^2 - k^2),
    scorr = cross / sse,
    theil = cross / sse * (t - k) / sum(both))
}

direct <- function(y, x, unit, position, k, common, type, bound, weight, method, pairwise, without) {
  e <- lm.fit(x, y)$residuals
  T <- max(position); units <- levels(unit)
  wide <- matrix(NA_real_, T, length(units)); wide[cbind(position, as.integer(unit))] <- e
  rho <- apply(wide, 2, rho_of, k = k, type = type)
  if (!without && anyNA(rho)) return(NULL)
  if (bound) rho <- pmin(pmax(rho, -1), 1)
  if (common) {
    pairs <- apply(wide, 2, function(v) sum(!is.na(v[-1]) & !is.na(v[-T])))
    if (weight == "t") pairs <- pairs + 1
    known <- !is.na(rho)
    rho <- rep(sum((rho * pairs)[known]) / sum(pairs[known]), length(units))
  }
  rho[is.na(rho)] <- 0
  cell <- (as.integer(unit) - 1) * (T + 1) + position
  before <- match(cell - 1, cell)
  r <- rho[as.integer(unit)]
  first <- is.na(before)
  moved <- function(v) ifelse(first, sqrt(1 - r^2) * v, v - r * v[before])
  ys <- moved(y); xs <- apply(x, 2, moved)
  fit <- lm.fit(xs, ys); u <- fit$residuals
  s2 <- as.vector(tapply(u^2, unit, mean))
  if (method == "pwls") {
    w <- 1 / s2[as.integer(unit)]
    v <- solve(crossprod(xs, xs * w))
    b <- drop(v %*% crossprod(xs, ys * w))
  } else {
    b <- fit$coefficients
    bread <- solve(crossprod(xs))
    if (method == "none") meat <- crossprod(xs) * mean(u^2)
    if (method == "phet") meat <- crossprod(xs * sqrt(s2[as.integer(unit)]))
    if (method == "pcse") {
      E <- seen <- matrix(0, T, length(units)); at <- cbind(position, as.integer(unit)); E[at] <- u; seen[at] <- 1
      if (pairwise) {
        both <- crossprod(seen); Sigma <- crossprod(E) / both; Sigma[both == 0] <- 0
      } else {
        whole <- rowSums(seen) == length(units); Sigma <- crossprod(E[whole, , drop = FALSE]) / sum(whole)
      }
      meat <- 0
      for (t in unique(position)) {
        i <- position == t; z <- xs[i, , drop = FALSE]; s <- as.integer(unit)[i]
        meat <- meat + crossprod(z, Sigma[s, s, drop = FALSE] %*% z)
      }
    }
    v <- bread %*% meat %*% bread
  }
  dimnames(v) <- list(colnames(x), colnames(x)); names(b) <- colnames(x)
  list(coefficients = b, vcov = v, rho = if (common) rho[1] else setNames(rho, units), rss = sum(u^2),
       r2 = 1 - sum(u^2) / sum((ys - mean(ys))^2))
}

one <- function(name, dummies = FALSE, types = rho_types) {
  d <- dataset(name); s <- datasets[[name]]
  right <- c(s$x, if (dummies) "unit_")
  f <- as.formula(sprintf("%s ~ %s", s$y, paste(right, collapse = " + ")))
  base <- lm(f, data = d); x <- model.matrix(base); y <- unname(model.response(model.frame(base)))
  terms <- c("(Intercept)", s$x)
  # panelAR orders units as text
  d$unit_id <- sprintf("u%04d", as.integer(d$unit_))
  years <- d[[s$time]]
  observed <- match(years, sort(unique(years))); calendar <- as.integer(years - min(years) + 1)
  hole <- !identical(observed, calendar)
  balanced <- nrow(d) == nlevels(d$unit_) * nlevels(d$time_)
  params <- se <- rho <- list(); r2 <- list(); refused <- list()
  add <- function(key, fit) {
    params[[key]] <<- renamed(fit$coefficients[terms]); se[[key]] <<- errors(fit$vcov, terms)
    rho[[key]] <<- fit$rho; r2[[key]] <<- fit$r2
  }
  spec <- function(key, auto, type, bound = TRUE, weight = "t-1", method = "pcse", pairwise = TRUE, without = FALSE) {
    mine <- function(at) tryCatch(direct(y, x, d$unit_, at, base$rank, auto == "ar1", type, bound, weight, method, pairwise, without),
                                  warning = function(w) NULL, error = function(e) NULL)
    from <- tryCatch(suppressMessages(suppressWarnings(panelar_code$panelAR(
      f, data = d, panelVar = "unit_id", timeVar = s$time, autoCorr = auto, panelCorrMethod = method, rhotype = type,
      bound.rho = bound, rho.na.rm = without, panel.weight = weight, complete.case = !pairwise))), error = function(e) conditionMessage(e))
    check <- mine(observed)
    if (is.character(from)) {
      refused[[key]] <<- paste("panelAR:", from)
      return(invisible())
    }
    if (is.null(check)) {
      # an unbounded rho above one: panelAR loses the first rows of that unit without saying so
      refused[[key]] <<- "a panel's rho is above one in absolute value, the first row has no transform"
      return(invisible())
    }
    names(from$coefficients) <- sub("^transformed[.]X", "", names(from$coefficients))
    close_to(from$coefficients[terms], check$coefficients[terms], paste(name, key, "b"), 1e-7)
    close_to(errors(from$vcov, terms), errors(check$vcov, terms), paste(name, key, "se"), 1e-7)
    r <- from$panelStructure$rho
    close_to(r, check$rho, paste(name, key, "rho"))
    add(key, list(coefficients = from$coefficients, vcov = from$vcov, r2 = check$r2,
                  rho = if (auto == "ar1") unname(r) else setNames(r, levels(d$unit_))))
    if (hole && !is.null(mine(calendar))) add(paste0(key, "_calendar"), mine(calendar))
  }
  for (type in types) for (auto in c("ar1", "psar1")) for (bound in c(TRUE, FALSE))
    spec(paste(auto, sub("-", "", type), if (bound) "bounded" else "unbounded", sep = "_"), auto, type, bound)
  for (auto in c("ar1", "psar1")) {
    spec(paste0(auto, "_breg_bounded_hetonly"), auto, "breg", method = "phet")
    spec(paste0(auto, "_breg_bounded_iid"), auto, "breg", method = "none")
    spec(paste0(auto, "_breg_bounded_pwls"), auto, "breg", method = "pwls")
    if (!balanced) spec(paste0(auto, "_breg_bounded_casewise"), auto, "breg", pairwise = FALSE)
  }
  # units without two rows one after another: left out of the average, or given no autocorrelation
  if (name == "grunfeld_sparse") for (type in types) for (auto in c("ar1", "psar1"))
    spec(paste(auto, sub("-", "", type), "bounded_narm", sep = "_"), auto, type, without = TRUE)
  spec("ar1_breg_bounded_t", "ar1", "breg", weight = "t")
  spec("ar1_scorr_bounded_t", "ar1", "scorr", weight = "t")
  write_case(list(
    case = sprintf("prais_%s%s", name, if (dummies) "_dummies" else ""), data = paste0(name, ".csv"), unit = s$unit, time = s$time,
    model = govdata_formula(s, x = c(s$x, if (dummies) sprintf("C(%s)", s$unit))), r_code = deparse1(f), script = "prais.R",
    software = c(versions(), list(panelAR = "0.1")), n = nrow(d), units = nlevels(d$unit_), periods = nlevels(d$time_),
    balanced = balanced, params = params, se = se, extra = list(rho = rho, r2_transformed = r2, refused = refused)))
  cat(name, dummies, length(params), "refused", length(refused), "\n")
}

chosen <- commandArgs(trailingOnly = TRUE)
for (name in if (length(chosen)) chosen else c("grunfeld", "grunfeld_gaps", "grunfeld_ends", "grunfeld_hole", "grunfeld_sparse", "grunfeld_six",
                                              "gasoline", "produc", "empluk")) {
  one(name)
  if (name %in% c("grunfeld", "grunfeld_gaps", "gasoline")) one(name, dummies = TRUE, types = c("breg", "scorr"))
}
