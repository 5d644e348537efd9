#!/usr/bin/env bash
# R 4.2.2 with jsonlite 1.8.4 (Debian 12): toJSON and write_json round each number to four decimals, and long ids to 15 digits; a rate of 0.00004 is 0.
#
# Usual guess: what toJSON writes, fromJSON reads back as the same data frame. JSON has numbers of any length, and other writers write the digits that a
#   double needs.
# What happens: `digits = 4` is the default, decimals and not significant digits: latitude 59.9127388 is 59.9127, eight metres away, and 0.00004 is 0. Whole
#   numbers above 15 digits, which a double holds to 2^53, end in a zero. digits = NA gives 15 significant digits, never the 17 of a double. A POSIXct loses
#   its fraction and its zone, so that one instant in UTC and in Oslo are two texts without a difference that a reader can see.
# What it costs: small rates and probabilities are nothing in files and in answers of services, places move, and ids become others'.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen:
#   toJSON: [{"latitude":59.9127,"rate":0,"id":1.23456789012346e+15}]
#   digits NA: [{"latitude":59.9127388,"rate":4e-05,"id":1.23456789012346e+15}]
#   the same after fromJSON: FALSE, with digits NA FALSE
#   one instant: "2024-01-31 12:00:00" in UTC, "2024-01-31 13:00:00" in Oslo
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq r-base-core=4.2.2* r-cran-jsonlite=1.8.4* libblas3 liblapack3 libgfortran5 libgomp1 libtirpc3 libicu72 libreadline8 libpcre2-8-0 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
libraries=$(echo "$folder"/usr/lib/*-linux-gnu)
export R_HOME=$folder/usr/lib/R LD_LIBRARY_PATH=$libraries:$libraries/blas:$libraries/lapack:$folder/usr/lib/R/lib R_LIBS=$folder/usr/lib/R/site-library

cat >main.R <<'R'
library(jsonlite)
rows <- data.frame(latitude = 59.9127388, rate = 0.00004, id = 1234567890123456)
cat("toJSON:", toJSON(rows), "\n")
cat("digits NA:", toJSON(rows, digits = NA), "\n")
cat("the same after fromJSON:", identical(fromJSON(toJSON(rows)), rows))
cat(", with digits NA", identical(fromJSON(toJSON(rows, digits = NA)), rows), "\n")
instant <- as.POSIXct(1706702400.5, origin = "1970-01-01", tz = "UTC")
oslo <- instant
attr(oslo, "tzone") <- "Europe/Oslo"
cat("one instant:", toJSON(instant, auto_unbox = TRUE), "in UTC,", toJSON(oslo, auto_unbox = TRUE), "in Oslo\n")
R
usr/lib/R/bin/exec/R --vanilla --no-echo -f main.R 2>/dev/null | sed '/Renviron/d; s/ ,/,/; s/ $//' | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
toJSON: [{"latitude":59.9127,"rate":0,"id":1.23456789012346e+15}]
digits NA: [{"latitude":59.9127388,"rate":4e-05,"id":1.23456789012346e+15}]
the same after fromJSON: FALSE, with digits NA FALSE
one instant: "2024-01-31 12:00:00" in UTC, "2024-01-31 13:00:00" in Oslo
SEEN
