#!/usr/bin/env bash
# json-2-csv 5.6.0: texts that it wrote itself come back as numbers, booleans, null and lists; a long id comes back as another one.
#
# Usual guess: csv2json gives back what json2csv was given, or texts, since cells of a CSV file have no types.
# What happens: each cell goes through JSON.parse, and stays a text only where that fails. Quotes around a cell make no difference. 00501 is a text, since JSON
#   has no such number, and 10501 in the next row is a number; an id of 20 digits is rounded.
# What it costs: ids of orders become other orders', "null" (a surname) nothing at all, and one column has two types, by the row.
#
# Output seen:
#   "12345678901234567890" is 12345678901234567000
#   "00501" is "00501"
#   "10501" is 10501
#   "1e3" is 1000
#   "null" is null
#   "true" is true
#   "[5]" is [5]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund json-2-csv@5.6.0

cat >main.cjs <<'JS'
const { csv2json, json2csv } = require('json-2-csv');
const TEXTS = ['12345678901234567890', '00501', '10501', '1e3', 'null', 'true', '[5]'];
const csv = json2csv(TEXTS.map((text) => ({ text })), { wrapBooleans: true });
csv2json(csv).forEach(({ text }, at) => console.log(`${JSON.stringify(TEXTS[at])} is ${JSON.stringify(text)}`));
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
"12345678901234567890" is 12345678901234567000
"00501" is "00501"
"10501" is 10501
"1e3" is 1000
"null" is null
"true" is true
"[5]" is [5]
SEEN
