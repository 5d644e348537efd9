#!/usr/bin/env bash
# csv-writer 1.6.0, objects-to-csv 1.3.6 and jsonexport 3.2.0: a text with a carriage return is written without quotes, and is two records to readers.
#
# Usual guess: a writer puts quotes around a cell with a line break, whichever it is.
# What happens: these look for LF, the delimiter and the quote. A lone CR, as texts from old Macs, Excel for the Mac, label printers and pasted addresses have
#   it, stands bare in the file. Papa Parse, which finds the line end by itself, and d3-dsv end a record there.
# What it costs: what stands behind the CR becomes a record of its own, its first cell under the first heading; the cells behind it move to wrong columns.
#
# Output seen (one record, id 1, note "first\rsecond", city "Oslo"):
#   csv-writer: d3-dsv reads [["1","first"],["second","Oslo"]]
#   objects-to-csv: d3-dsv reads [["1","first"],["second","Oslo"]]
#   jsonexport: d3-dsv reads [["1","first"],["second","Oslo"]]
#   papaparse, which quotes it: d3-dsv reads [["1","first\rsecond","Oslo"]]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund csv-writer@1.6.0 objects-to-csv@1.3.6 jsonexport@3.2.0 papaparse@5.7.1 d3-dsv@3.0.2

cat >main.js <<'JS'
import { createObjectCsvStringifier } from 'csv-writer';
import { csvParseRows } from 'd3-dsv';
import jsonexport from 'jsonexport';
import ObjectsToCsv from 'objects-to-csv';
import Papa from 'papaparse';

const ROWS = [{ id: 1, note: 'first\rsecond', city: 'Oslo' }];
const header = Object.keys(ROWS[0]).map((id) => ({ id, title: id }));
const FILES = {
  'csv-writer': createObjectCsvStringifier({ header }).stringifyRecords(ROWS),
  'objects-to-csv': await new ObjectsToCsv(ROWS).toString(false),
  jsonexport: await jsonexport(ROWS, { includeHeaders: false }),
  'papaparse, which quotes it': Papa.unparse(ROWS, { header: false }),
};
for (const [name, text] of Object.entries(FILES)) {
  const rows = csvParseRows(text.trimEnd());
  console.log(`${name}: d3-dsv reads ${JSON.stringify(rows)}`);
}
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
csv-writer: d3-dsv reads [["1","first"],["second","Oslo"]]
objects-to-csv: d3-dsv reads [["1","first"],["second","Oslo"]]
jsonexport: d3-dsv reads [["1","first"],["second","Oslo"]]
papaparse, which quotes it: d3-dsv reads [["1","first\rsecond","Oslo"]]
SEEN
