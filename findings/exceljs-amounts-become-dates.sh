#!/usr/bin/env bash
# exceljs 4.4.0: amounts in the accounting format of some currencies are read as dates, also from a workbook that it wrote itself.
#
# Usual guess: a number whose cell has no format of a date stays a number; letters that are not part of a date's format do not count.
# What happens: in a format, `_` keeps a space as wide as the letter behind it, and `\` shows the letter as it is. The accounting formats of
#   Excel hold the letters of a currency so: `_K_M` in Bosnia, `_P_t_s` in old Spanish files. exceljs takes out what is in quotes and
#   brackets, then calls it a date if a y, m, d, h, M, s or b is left. 1234.5 is 18 May 1903, noon. `0\h` for hours and `0\ \m` for metres go the
#   same way, while `0.00" m"` is right. When the workbook is saved again, the number is back.
# What it costs: a column of amounts comes as dates, only from the files of some countries. The other readers tried, xlsx 0.18.5 and read-excel-file
#   9.3.17, give the number.
#
# Output seen:
#   _-* #,##0.00\ _K_M_-: exceljs 1903-05-18T12:00:00.000Z, xlsx 1234.5, read-excel-file 1234.5
#   _-* #,##0\ _P_t_s_-: exceljs 1903-05-18T12:00:00.000Z, xlsx 1234.5, read-excel-file 1234.5
#   0.0\h: exceljs 1903-05-18T12:00:00.000Z, xlsx 1234.5, read-excel-file 1234.5
#   0.00" m": exceljs 1234.5, xlsx 1234.5, read-excel-file 1234.5
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

const FORMATS = ['_-* #,##0.00\\ _K_M_-', '_-* #,##0\\ _P_t_s_-', '0.0\\h', '0.00" m"'];
const DATE = '1903-05-18T12:00:00.000Z';
const written = new ExcelJS.Workbook();
const row = written.addWorksheet('Amounts').addRow(FORMATS.map(() => 1234.5));
for (const [at, format] of FORMATS.entries()) row.getCell(at + 1).numFmt = format;
await written.xlsx.writeFile('amounts.xlsx');

const workbook = new ExcelJS.Workbook();
await workbook.xlsx.readFile('amounts.xlsx');
const found = {
  exceljs: workbook.worksheets[0].getRow(1).values.slice(1),
  xlsx: XLSX.utils.sheet_to_json(XLSX.readFile('amounts.xlsx', { cellDates: true }).Sheets.Amounts, { header: 1 })[0],
  'read-excel-file': (await readExcelFile('amounts.xlsx'))[0].data[0],
};
const text = (value) => (value instanceof Date ? value.toISOString() : String(value));
for (const [at, format] of FORMATS.entries())
  console.log(`${format}: ${Object.entries(found).map(([name, values]) => `${name} ${text(values[at])}`).join(', ')}`);
const others = [...found.xlsx, ...found['read-excel-file']];
if (found.exceljs.map(text).join() !== [DATE, DATE, DATE, 1234.5].join() || others.some((value) => value !== 1234.5)) {
  console.error('This has changed.');
  process.exit(1);
}
JS
TZ=UTC node main.js
