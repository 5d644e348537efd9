#!/usr/bin/env bash
# convert-array-to-csv 2.0.0: an object whose keys come in another order puts its values under the wrong heads.
#
# Usual guess: the heads are the keys of the first object, and each row has the values of these keys, with an empty cell where one is missing. So do
#   papaparse, fast-csv and csv-write-stream.
# What happens: each row is the values of its object in the object's own order. { b, a } under the heads a,b has b's value in a. A row
#   with a key less has a cell less, and what stands behind it moves to the left. Nothing warns.
# What it costs: net and tax, or sender and receiver, change places in the rows that come from another query, cache or branch of code, or where an optional
#   field is undefined in some rows only. The file is valid.
#
# Output seen ({ net: 100, vat: 19 }, { vat: 38, net: 200 }, { vat: 57 }):
#   convert-array-to-csv: net,vat | 100,19 | 38,200 | 57
#   papaparse: net,vat | 100,19 | 200,38 | ,57
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund convert-array-to-csv@2.0.0 papaparse@5.7.1

cat >main.js <<'JS'
import { convertArrayToCSV } from 'convert-array-to-csv';
import Papa from 'papaparse';

const ROWS = [{ net: 100, vat: 19 }, { vat: 38, net: 200 }, { vat: 57 }];
const found = { 'convert-array-to-csv': convertArrayToCSV(ROWS), papaparse: Papa.unparse(ROWS) };
const lines = Object.entries(found).map(([name, csv]) => `${name}: ${csv.trim().split(/\r?\n/).join(' | ')}`);
console.log(lines.join('\n'));
const SEEN = ['convert-array-to-csv: net,vat | 100,19 | 38,200 | 57', 'papaparse: net,vat | 100,19 | 200,38 | ,57'];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
