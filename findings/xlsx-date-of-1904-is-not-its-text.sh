#!/usr/bin/env bash
# xlsx 0.18.5 (SheetJS), on a workbook with the date system of 1904, which Excel for the Mac made: one cell is 2024-01-31 as text and 30 January 2020 as a date.
#
# Usual guess: a library that knows the date system of a workbook (Workbook.WBProps.date1904 is true) gives dates by it, and a cell's date and text agree.
# What happens: the text of a cell, and so sheet_to_csv, is made with the workbook's system, and its date (cellDates: true) always with that of 1900: four
#   years and a day earlier. Without cellDates the number is given, which says nothing of the system. exceljs 4.4.0 and read-excel-file 9.3.17 are right.
# What it costs: birthdays, contracts and invoices from files that began on a Mac, or were copied from such a file, are four years and a day too old, and an
#   export to CSV, which somebody looks at, is right.
#
# Output seen (a cell of 2024-01-31):
#   xlsx: text 2024-01-31, CSV 2024-01-31, date 2020-01-30
#   exceljs: date 2024-01-31
#   read-excel-file: date 2024-01-31
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund xlsx@0.18.5 exceljs@4.4.0 read-excel-file@9.3.17

cat >main.js <<'JS'
import ExcelJS from 'exceljs';
import readExcelFile from 'read-excel-file/node';
import XLSX from 'xlsx';

const written = new ExcelJS.Workbook();
written.properties.date1904 = true;
written.addWorksheet('S').addRow([new Date('2024-01-31T00:00:00Z')]).getCell(1).numFmt = 'yyyy-mm-dd';
await written.xlsx.writeFile('mac.xlsx');

const day = (date) => date.toISOString().slice(0, 10);
const sheet = XLSX.readFile('mac.xlsx', { cellDates: true }).Sheets.S;
const workbook = new ExcelJS.Workbook();
await workbook.xlsx.readFile('mac.xlsx');
const lines = [
  `xlsx: text ${sheet.A1.w}, CSV ${XLSX.utils.sheet_to_csv(sheet)}, date ${day(sheet.A1.v)}`,
  `exceljs: date ${day(workbook.worksheets[0].getCell('A1').value)}`,
  `read-excel-file: date ${day((await readExcelFile('mac.xlsx'))[0].data[0][0])}`,
];
console.log(lines.join('\n'));
const SEEN = ['xlsx: text 2024-01-31, CSV 2024-01-31, date 2020-01-30', 'exceljs: date 2024-01-31', 'read-excel-file: date 2024-01-31'];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
TZ=UTC node main.js
