#!/usr/bin/env bash
# exceljs 4.4.0, on a workbook of SheetJS (xlsx 0.18.5): each date is read as a day of 1905.
#
# Usual guess: two of the most used libraries for workbooks agree on dates, or the one that does not know the form of a cell says so.
# What happens: with `cellDates: true` SheetJS writes a date in the other form that the standard has, as text of ISO 8601 in a cell of the
#   type "d" (ECMA-376 part 1, 18.18.11). exceljs does not know the type and reads the cell as a number, which ends
#   behind the year: 2024. As the cell has the format of a date, 2024 is taken for days since 1900: 16 July 1905. The time of day is gone.
#   Both of its readers do so. read-excel-file 9.3.17 reads the same file rightly.
# What it costs: each due date of 2024 becomes the same day, and those of 2025 the day after. A unique key over the day clashes; without one,
#   nothing fails.
#
# Output seen:
#   written: 2024-05-06T07:08:09.000Z, 2024-11-30T00:00:00.000Z, 2025-01-01T00:00:00.000Z
#   read-excel-file: 2024-05-06T07:08:09.000Z, 2024-11-30T00:00:00.000Z, 2025-01-01T00:00:00.000Z
#   exceljs: 1905-07-16T00:00:00.000Z, 1905-07-16T00:00:00.000Z, 1905-07-17T00:00:00.000Z
#   exceljs, streamed: 1905-07-16T00:00:00.000Z, 1905-07-16T00:00:00.000Z, 1905-07-17T00:00:00.000Z
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund exceljs@4.4.0 xlsx@0.18.5 read-excel-file@9.3.17

cat >main.js <<'JS'
import ExcelJS from 'exceljs';
import readExcelFile from 'read-excel-file/node';
import XLSX from 'xlsx';

const DATES = ['2024-05-06T07:08:09.000Z', '2024-11-30T00:00:00.000Z', '2025-01-01T00:00:00.000Z'];
const sheet = XLSX.utils.aoa_to_sheet([DATES.map((text) => new Date(text))], { cellDates: true });
const workbook = XLSX.utils.book_new();
XLSX.utils.book_append_sheet(workbook, sheet, 'Invoices');
XLSX.writeFile(workbook, 'dates.xlsx', { cellDates: true });

const whole = new ExcelJS.Workbook();
await whole.xlsx.readFile('dates.xlsx');
const streamed = [];
const reader = new ExcelJS.stream.xlsx.WorkbookReader('dates.xlsx', { styles: 'cache' });
for await (const worksheet of reader) for await (const row of worksheet) streamed.push(...row.values.slice(1));
const texts = (dates) => dates.map((date) => date.toISOString()).join(', ');
const found = {
  written: DATES.join(', '),
  'read-excel-file': texts((await readExcelFile('dates.xlsx'))[0].data[0]),
  exceljs: texts(whole.worksheets[0].getRow(1).values.slice(1)),
  'exceljs, streamed': texts(streamed),
};
for (const [name, dates] of Object.entries(found)) console.log(`${name}: ${dates}`);
const WRONG = '1905-07-16T00:00:00.000Z, 1905-07-16T00:00:00.000Z, 1905-07-17T00:00:00.000Z';
if (found['read-excel-file'] !== found.written || found.exceljs !== WRONG || found['exceljs, streamed'] !== WRONG) {
  console.error('This has changed.');
  process.exit(1);
}
JS
TZ=UTC node main.js
