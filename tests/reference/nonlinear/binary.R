# Certified values: logit, probit and complementary log-log.   Rscript binary.R
#
# writes binary_males.csv (plm's Males: 545 men, 1980-1987; a wage panel of the National Longitudinal Survey),
# binary_bacteria.csv (MASS's bacteria, 50 children) and binary.json. Coefficients start from glm's at epsilon 1e-14
# and are polished by Newton steps on the exact likelihood; standard errors are in closed form from the scores at that
# maximum, and compared with those of sandwich where it offers the convention; the script stops if the two differ.

here <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
for (part in c("common.R", "glm_case.R")) source(file.path(if (length(here)) dirname(here) else ".", part))

data("Males", package = "plm")
males <- with(Males, data.frame(nr, year, union = as.integer(union == "yes"), school, exper, wage,
                                married = as.integer(married == "yes"), ethn = as.character(ethn)))
males <- settle(males, "binary_males.csv")
bacteria <- with(MASS::bacteria, data.frame(id = as.character(ID), week, present = as.integer(y == "y"),
                                            treated = as.integer(ap == "a")))
bacteria <- settle(bacteria, "binary_bacteria.csv")

links <- c("logit", "probit", "cloglog")
males_by <- list(nr = males$nr, year = males$year)
m1 <- "union ~ school + exper + married + wage"
m2 <- "union ~ school + exper + married + C(ethn)"
m3 <- "union ~ school + married + wage + married:wage"
b1 <- "present ~ treated + week"
out <- list(case = "binary", software = software("sandwich", "plm", "MASS"), males = list(), bacteria = list())
for (link in links) out$males[[link]] <- binary_case(link, m1, males, males_by)
for (link in links) out$males[[paste0(link, "_categories")]] <- binary_case(link, m2, males, males_by)
for (link in links) out$males[[paste0(link, "_interaction")]] <- binary_case(link, m3, males, males_by)
for (link in links) out$bacteria[[link]] <- binary_case(link, b1, bacteria, list(id = bacteria$id))
out$males <- c(list(data = "binary_males.csv", unit = "nr", time = "year"), out$males)
out$bacteria <- c(list(data = "binary_bacteria.csv", unit = "id", time = "week"), out$bacteria)
save_json(out, "binary.json")
