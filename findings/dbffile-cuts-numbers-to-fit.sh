#!/usr/bin/env bash
# dbffile 1.13.0: a number that is longer than its dBase column is cut off at the right, so that a balance of almost nothing becomes 5.55.
#
# Usual guess: a column N(10,2) takes a number rounded to two places, as NUMERIC(10,2) of Postgres does, and one that does not fit is refused.
# What happens: the number's text in JavaScript is cut to the width of the column. Decimals are not rounded to the column's places. Of
#   1234567.89 in N(6,2) stays 123456, and of a small number the exponent is lost: 0.1 + 0.2 - 0.3, which is 5.551115123125783e-17, becomes 5.55111512
#   in N(10,2). No error, no warning; text that is too long for a column of text is cut too.
# What it costs: a ledger whose accounts balance is delivered with 5.55 in it, and amounts a hundredth of what they were. Much software of
#   authorities and of maps (shapefiles) reads this format.
#
# Output seen:
#   N(10,2): 12.34 is 12.34, 0.1 + 0.2 - 0.3 is 5.55111512
#   N(8,6): 0.00000012345678 is 1.234567
#   N(6,2): 1234567.89 is 123456
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund dbffile@1.13.0

cat >main.js <<'JS'
import { DBFFile } from 'dbffile';

const COLUMNS = [
  { size: 10, decimalPlaces: 2, values: { '12.34': 12.34, '0.1 + 0.2 - 0.3': 0.1 + 0.2 - 0.3 }, seen: [12.34, 5.55111512] },
  { size: 8, decimalPlaces: 6, values: { '0.00000012345678': 0.00000012345678 }, seen: [1.234567] },
  { size: 6, decimalPlaces: 2, values: { '1234567.89': 1234567.89 }, seen: [123456] },
];
let changed = false;
for (const [at, { size, decimalPlaces, values, seen }] of COLUMNS.entries()) {
  const file = await DBFFile.create(`${at}.dbf`, [{ name: 'BALANCE', type: 'N', size, decimalPlaces }]);
  await file.appendRecords(Object.values(values).map((BALANCE) => ({ BALANCE })));
  const records = await (await DBFFile.open(`${at}.dbf`)).readRecords();
  const read = records.map(({ BALANCE }) => BALANCE);
  const words = Object.keys(values).map((text, n) => `${text} is ${read[n]}`);
  console.log(`N(${size},${decimalPlaces}): ${words.join(', ')}`);
  changed ||= read.join() !== seen.join();
}
if (changed) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
