#!/usr/bin/env bash
# exceljs 4.4.0, xlsx 0.18.5, write-excel-file 4.1.1 and hucre 1.0.0: the text Order_x0020_Date comes out of a workbook as "Order Date".
#
# Usual guess: a text that one library writes into a cell and reads back is the same text, when it has only letters, digits and underscores.
# What happens: in workbooks `_x0020_` stands for the character U+0020 (ECMA-376 part 1, 22.9.2.19), and a writer has to write the
#   underscore of a text that looks so as `_x005F_`. None of the four does, while their readers (read-excel-file 9.3.17 for the third) take
#   the text for the character. Nothing warns.
# What it costs: SharePoint names its columns in just this way (Order_x0020_Date), and so do field names made from headings for XML. Exported
#   to a workbook, they are other names, and codes such as PART_x0041_7 other codes. Two different texts can become one.
#
# Output seen:
#   exceljs: Order Date, PARTA7
#   xlsx: Order Date, PARTA7
#   write-excel-file, read-excel-file: Order Date, PARTA7
#   hucre: Order Date, PARTA7
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund exceljs@4.4.0 write-excel-file@4.1.1 read-excel-file@9.3.17 hucre@1.0.0 xlsx@0.18.5

cat >main.js <<'JS'
import ExcelJS from 'exceljs';
import { readXlsx, writeXlsx } from 'hucre';
import readExcelFile from 'read-excel-file/node';
import writeExcelFile from 'write-excel-file/node';
import XLSX from 'xlsx';

const ROW = ['Order_x0020_Date', 'PART_x0041_7'];
const found = {};

const written = new ExcelJS.Workbook();
written.addWorksheet('S').addRow(ROW);
await written.xlsx.writeFile('exceljs.xlsx');
const read = new ExcelJS.Workbook();
await read.xlsx.readFile('exceljs.xlsx');
found.exceljs = read.worksheets[0].getRow(1).values.slice(1);

const workbook = XLSX.utils.book_new();
XLSX.utils.book_append_sheet(workbook, XLSX.utils.aoa_to_sheet([ROW]), 'S');
XLSX.writeFile(workbook, 'xlsx.xlsx');
found.xlsx = XLSX.utils.sheet_to_json(XLSX.readFile('xlsx.xlsx').Sheets.S, { header: 1 })[0];

await (await writeExcelFile([ROW.map((value) => ({ value }))])).toFile('write.xlsx');
found['write-excel-file, read-excel-file'] = (await readExcelFile('write.xlsx'))[0].data[0];

found.hucre = (await readXlsx(await writeXlsx({ sheets: [{ name: 'S', rows: [ROW] }] }))).sheets[0].rows[0];

for (const [name, row] of Object.entries(found)) console.log(`${name}: ${row.join(', ')}`);
if (Object.values(found).some((row) => row.join() !== 'Order Date,PARTA7')) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
