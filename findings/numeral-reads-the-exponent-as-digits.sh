#!/usr/bin/env bash
# numeral 2.0.6, on numbers as Excel writes them into CSV: 1.2E+05 is 1.205, and 2.5E+11 is 2.511.
#
# Usual guess: a text that Number() reads is the same number to a library that reads numbers with signs of currencies and thousands besides.
# What happens: a text that is just what JavaScript would write, such as 1e+15, is left to Number(). Of all others the signs that are no digits are taken
#   out, the E and the plus too, and the digits of the exponent go on from those before it. 1.2E+05, with two digits there, is how Excel writes.
# What it costs: Excel shows a number of 12 digits as 2.5E+11 in its CSV: totals are smaller by many powers of ten, and are still numbers.
#
# Output seen:
#   1.2E+05: Number 120000, numeral 1.205
#   2.5E+11: Number 250000000000, numeral 2.511
#   1.5e3: Number 1500, numeral 1.53
#   1e+15: Number 1000000000000000, numeral 1000000000000000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund numeral@2.0.6

cat >main.cjs <<'JS'
const numeral = require('numeral');
for (const text of ['1.2E+05', '2.5E+11', '1.5e3', '1e+15'])
  console.log(`${text}: Number ${Number(text)}, numeral ${numeral(text).value()}`);
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
1.2E+05: Number 120000, numeral 1.205
2.5E+11: Number 250000000000, numeral 2.511
1.5e3: Number 1500, numeral 1.53
1e+15: Number 1000000000000000, numeral 1000000000000000
SEEN
