# Certified values: binary time-series cross-sections with time since the last event (Beck, Katz and Tucker 1998;
# cubic time of Carter and Signorino 2010).   Rscript btscs.R
#
# simulates a conflict panel with gaps, late entry, units at war when first seen, units that never fight and wars in
# successive years; writes btscs.csv, counter.csv and btscs.json. The rules of the counter are in README.md.

here <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
for (part in c("common.R", "glm_case.R")) source(file.path(if (length(here)) dirname(here) else ".", part))
suppressPackageStartupMessages(library(splines))

# ---- the counter, by three rules -------------------------------------------------------------------------------------

calendar_rule <- function(event, year) {
  # 0 in the first year seen and in the year after an event; then calendar years, gaps included
  start <- year[1]
  t <- numeric(length(year))
  for (i in seq_along(year)) {
    t[i] <- year[i] - start
    if (event[i] == 1) start <- year[i] + 1
  }
  t
}
row_rule <- function(event, year) calendar_rule(event, seq_along(year))
event_gap_rule <- function(event, year) {
  # every year missing from the middle of a unit's series counts as a year with an event
  all_years <- min(year):max(year)
  full <- rep(1, length(all_years))
  full[match(year, all_years)] <- event
  calendar_rule(full, all_years)[match(year, all_years)]
}
count_since <- function(d, rule) {
  out <- numeric(nrow(d))
  for (rows in split(seq_len(nrow(d)), d$country)) {
    rows <- rows[order(d$year[rows])]
    out[rows] <- rule(d$onset[rows], d$year[rows])
  }
  out
}

# ---- data ------------------------------------------------------------------------------------------------------------

set.seed(19980401)
countries <- sprintf("C%02d", 1:45)
first <- sample(c(rep(1960, 25), sample(1961:1975, 20, TRUE)))
panel <- do.call(rbind, lapply(seq_along(countries), function(i) {
  year <- first[i]:2000
  x <- as.numeric(arima.sim(list(ar = 0.7), length(year))) + rnorm(1)
  trade <- 0.5 * x + rnorm(length(year))
  base <- rnorm(1, 0, 0.5) - (i %in% c(7, 19)) * 30
  onset <- integer(length(year)); start <- year[1]
  for (s in seq_along(year)) {
    t <- year[s] - start
    eta <- base - 1.9 + 0.35 * x[s] - 0.5 * trade[s] - 0.13 * t + 0.003 * t^2
    onset[s] <- rbinom(1, 1, plogis(eta))
    if (i %in% c(3, 11) && s == 1) onset[s] <- 1L
    if (onset[s] == 1) start <- year[s] + 1
  }
  data.frame(country = countries[i], year, onset, x = round(x, 6), trade = round(trade, 6))
}))
# gaps: a run of years in a third of the units, single years elsewhere, one right after an event
drop <- rep(FALSE, nrow(panel))
for (i in sample(seq_along(countries), 15)) {
  from <- sample(1976:1992, 1)
  drop <- drop | (panel$country == countries[i] & panel$year %in% from:(from + sample(1:5, 1)))
}
drop[sample(which(!panel$year %in% c(1960, 2000)), 25)] <- TRUE
after <- which(panel$onset == 1 & panel$year < 1995)
drop[after[seq(5, length(after), by = 9)] + 1] <- TRUE
panel <- panel[!drop, ]
panel$x[sample(nrow(panel), 30)] <- NA
panel <- panel[sample(nrow(panel)), ]
panel$t_calendar <- count_since(panel, calendar_rule)
panel$t_rows <- count_since(panel, row_rule)
panel$t_event_gaps <- count_since(panel, event_gap_rule)
row.names(panel) <- NULL
d <- settle(panel, "btscs.csv")

# a panel small enough to check by hand
tiny <- data.frame(
  country = rep(c("A", "B", "C", "D", "E"), c(9, 6, 5, 4, 1)),
  year = c(1990:1998, 1990, 1991, 1995:1998, 1988:1990, 1994, 1995, 2000:2003, 1999),
  onset = c(0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0))
tiny$t_calendar <- count_since(tiny, calendar_rule)
tiny$t_rows <- count_since(tiny, row_rule)
tiny$t_event_gaps <- count_since(tiny, event_gap_rule)
save_csv(tiny, "counter.csv")

# ---- models ----------------------------------------------------------------------------------------------------------

# the counter is made on the whole panel; rows with a missing covariate go only afterwards
kept <- d[!is.na(d$x), ]
kept <- kept[order(kept$country, kept$year), ]
by <- list(country = kept$country, year = kept$year)

report <- function(link, rule, time, knots = NULL, boundary = NULL) {
  t <- kept[[paste0("t_", rule)]]
  data <- kept
  basis <- switch(time,
    none = NULL,
    raw = cbind(t1 = t, t2 = t^2, t3 = t^3),
    cubic = cbind(t1 = t / 100, t2 = (t / 100)^2, t3 = (t / 100)^3),
    dummies = NULL,
    spline = {
      b <- ns(t, knots = knots, Boundary.knots = boundary)
      b <- matrix(b, nrow(b)); colnames(b) <- paste0("s", seq_len(ncol(b))); b
    })
  formula <- "onset ~ x + trade"
  if (!is.null(basis)) {
    data <- cbind(data, basis)
    formula <- paste(c(formula, colnames(basis)), collapse = " + ")
  }
  out <- binary_case(link, formula, data, by)
  out$extra$fitted_first_three <- NULL
  # the hazard at x = trade = 0, which does not depend on how the curve is parameterised
  at <- c(0, 1, 5, 10, 20)
  if (time != "none") {
    curve <- switch(time, raw = cbind(at, at^2, at^3), cubic = cbind(at, at^2 / 100, at^3 / 1e4) / 100,
                    spline = matrix(ns(at, knots = knots, Boundary.knots = boundary), length(at)))
    eta <- drop(out$params[["Intercept"]] + curve %*% out$params[-(1:3)])
    out$extra$hazard_t <- at
    out$extra$hazard_at_zero <- binomial(link)$linkinv(eta)
  }
  if (time == "spline") {
    # the columns of a natural spline are a matter of basis: only what every basis gives is kept
    keep <- c("x", "trade")
    out$params <- out$params[keep]
    out$se <- lapply(out$se, function(group) lapply(group, function(v) v[keep]))
    out$extra$knots_inner <- knots
    out$extra$knots_boundary <- boundary
  }
  c(list(counter = paste0("t_", rule), time = time), out)
}

t <- kept$t_calendar
ends <- range(t)
q <- function(p) unname(quantile(t, p))
out <- list(case = "btscs", data = "btscs.csv", unit = "country", time = "year", software = software("sandwich"),
            rows = nrow(d), rows_missing_x = sum(is.na(d$x)), n = nrow(kept), n_units = size(kept$country))
for (link in c("logit", "probit", "cloglog")) {
  cases <- list(
    none = report(link, "calendar", "none"),
    cubic = report(link, "calendar", "cubic"),
    raw = report(link, "calendar", "raw"),
    cubic_rows = report(link, "rows", "cubic"),
    cubic_event_gaps = report(link, "event_gaps", "cubic"),
    spline_1_4_7 = report(link, "calendar", "spline", c(1, 4, 7), ends),
    spline_quartiles = report(link, "calendar", "spline", q(c(.25, .5, .75)), ends),
    spline_thirds = report(link, "calendar", "spline", q(c(1, 2) / 3), ends),
    spline_harrell3 = report(link, "calendar", "spline", q(.5), q(c(.1, .9))),
    spline_harrell4 = report(link, "calendar", "spline", q(c(.35, .65)), q(c(.05, .95))),
    spline_harrell5 = report(link, "calendar", "spline", q(c(.275, .5, .725)), q(c(.05, .95)))
  )
  for (name in names(cases)) out[[paste(link, name, sep = "_")]] <- cases[[name]]
}
save_json(out, "btscs.json")
