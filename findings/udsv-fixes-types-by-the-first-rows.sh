#!/usr/bin/env bash
# udsv 0.7.3 and arquero 7.2.1: the first rows of a CSV file settle the type of a column, and a value further down that does not fit becomes null, NaN or false.
#
# Usual guess: where types are guessed, a column with one A12 in it is a column of texts, or the row is an error.
# What happens: udsv looks at 10 rows, arquero at 1000. Below, all cells of the column go through the reader of that type. A12 in a column of numbers is NaN, and
#   0012 is 12, although it was the leading zero that would have made it a text. In udsv a column of t and f is Boolean, where T and x are
#   false. 30 February is 1 March in both. The rows count as read.
# What it costs: article numbers, house numbers and remarks that start late in the file are gone, and "T" for true is false. A sample of the file, with
#   which the code was tried, is right.
#
# Output seen (12 rows with 101… and t or f, then the rows A12,T,2024-01-31 and 0012,x,2024-02-30):
#   udsv: code NaN, paid false, day 2024-01-31; code 12, paid false, day 2024-03-01
#   arquero, behind row 1000: code NaN, day 2024-01-31; code 12, day 2024-03-01
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund udsv@0.7.3 arquero@7.2.1

cat >main.js <<'JS'
import { fromCSV } from 'arquero';
import { inferSchema, initParser } from 'udsv';

const file = (count) => {
  const rows = Array.from({ length: count }, (_, row) => `${101 + row},${row % 2 ? 't' : 'f'},2024-01-01`);
  return ['code,paid,day', ...rows, 'A12,T,2024-01-31', '0012,x,2024-02-30'].join('\n');
};
const day = (date) => date.toISOString().slice(0, 10);
const short = file(12);
const read = initParser(inferSchema(short)).typedObjs(short).slice(-2);
console.log(`udsv: ${read.map((row) => `code ${row.code}, paid ${row.paid}, day ${day(row.day)}`).join('; ')}`);
const table = fromCSV(file(1000)).objects().slice(-2);
console.log(`arquero, behind row 1000: ${table.map((row) => `code ${row.code}, day ${day(row.day)}`).join('; ')}`);
JS
TZ=UTC node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
udsv: code NaN, paid false, day 2024-01-31; code 12, paid false, day 2024-03-01
arquero, behind row 1000: code NaN, day 2024-01-31; code 12, day 2024-03-01
SEEN
