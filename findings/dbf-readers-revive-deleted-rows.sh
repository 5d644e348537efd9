#!/usr/bin/env bash
# parsedbf 2.0.0 and shapefile 0.6.6: a row that was deleted from a dBase file is read as one that is there.
#
# Usual guess: a reader of dBase files (.dbf) leaves out deleted rows, or marks them, and a date that is empty is null.
# What happens: dBase deletes a row by an asterisk before it, and it stays in the file until PACK. Both take the row as any other, and the mark is not
#   in what they give. The empty date, 00000000, is 30 November 1899, in SheetJS (xlsx 0.18.5) too. There a number of asterisks, which
#   dBase writes when one does not fit its column, is 0. dbffile 1.13.0 leaves the row out, and gives an invalid Date and NaN.
# What it costs: customers who were removed, and cancelled bookings, are back after an import, with nothing to know them by. Bills that are not paid were paid in 1899.
#
# Output seen (id, paid on, amount):
#   parsedbf: 1 2024-01-31 12.5; 2 2024-01-31 99; 3 1899-11-30 NaN
#   shapefile: 1 2024-01-31 12.5; 2 2024-01-31 99; 3 1899-11-30 null
#   xlsx: 1 2024-01-31 12.5; 3 1899-11-30 0
#   dbffile: 1 2024-01-31 12.5; 3 invalid NaN
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund parsedbf@2.0.0 shapefile@0.6.6 dbffile@1.13.0 xlsx@0.18.5

cat >main.cjs <<'JS'
const { readFileSync, writeFileSync } = require('node:fs');
const { DBFFile } = require('dbffile');
const parsedbf = require('parsedbf');
const shapefile = require('shapefile');
const XLSX = require('xlsx');

const COLUMNS = [['ID', 'N', 5, 0], ['PAID', 'D', 8, 0], ['AMOUNT', 'N', 8, 2]];
const ROWS = [' ', '*', ' '].map((mark, at) => `${mark}    ${at + 1}${['20240131', '20240131', '00000000'][at]}${['   12.50', '   99.00', '********'][at]}`);
const header = Buffer.alloc(32 * (COLUMNS.length + 1) + 1);
header.set([3, 124, 2, 1]);
header.writeUInt32LE(ROWS.length, 4);
header.writeUInt16LE(header.length, 8);
header.writeUInt16LE(ROWS[0].length, 10);
COLUMNS.forEach(([name, type, length, decimals], at) => {
  header.write(name + '\0'.repeat(11 - name.length) + type, 32 * (at + 1), 'latin1');
  header.set([length, decimals], 32 * (at + 1) + 16);
});
header[header.length - 1] = 13;
const file = Buffer.concat([header, Buffer.from(`${ROWS.join('')}\x1a`, 'latin1')]);
writeFileSync('bills.dbf', file);

const day = (date) => (date instanceof Date ? (Number.isNaN(date.getTime()) ? 'invalid' : date.toISOString().slice(0, 10)) : JSON.stringify(date ?? null));
async function byShapefile() {
  const source = await shapefile.openDbf('bills.dbf');
  const rows = [];
  for (let next = await source.read(); !next.done; next = await source.read()) rows.push(next.value);
  return rows;
}
(async () => {
  const sheet = Object.values(XLSX.read(file, { cellDates: true }).Sheets)[0];
  const found = {
    parsedbf: (parsedbf.default ?? parsedbf)(new DataView(file.buffer, file.byteOffset, file.length)),
    shapefile: await byShapefile(),
    xlsx: XLSX.utils.sheet_to_json(sheet),
    dbffile: await (await DBFFile.open('bills.dbf')).readRecords(),
  };
  const lines = Object.entries(found).map(
    ([name, rows]) => `${name}: ${rows.map(({ ID, PAID, AMOUNT }) => `${ID} ${day(PAID)} ${AMOUNT}`).join('; ')}`,
  );
  console.log(lines.join('\n'));
  const SEEN = [
    'parsedbf: 1 2024-01-31 12.5; 2 2024-01-31 99; 3 1899-11-30 NaN',
    'shapefile: 1 2024-01-31 12.5; 2 2024-01-31 99; 3 1899-11-30 null',
    'xlsx: 1 2024-01-31 12.5; 3 1899-11-30 0',
    'dbffile: 1 2024-01-31 12.5; 3 invalid NaN',
  ];
  if (lines.join() !== SEEN.join()) {
    console.error('This has changed.');
    process.exit(1);
  }
})();
JS
TZ=UTC node main.cjs
