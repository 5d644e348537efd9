#!/usr/bin/env bash
# exceljs 4.4.0: the streaming reader gives the reading of a Japanese text in the place of the text.
#
# Usual guess: the streaming WorkbookReader of exceljs gives the texts that its Workbook gives, with less memory.
# What happens: Excel keeps with a text that was typed in Japanese how it is read, in katakana, in an element <rPh> of the shared string
#   (ECMA-376 part 1, 18.4.6). The streaming reader takes the last <t> of the string, so that 東京 comes as トウキョウ. Without a reading it is
#   right. Of a text in the cell itself (inlineStr) it does the same, where the Workbook gives undefined: a text is lost. Nothing warns.
# What it costs: names of people and towns land as their sound, which many share: the family names 伊藤 and 伊東 both become イトウ, and no check notices.
#
# Output seen:
#   Workbook: 東京, 渋谷, undefined
#   WorkbookReader: トウキョウ, 渋谷, オオサカ
#   read-excel-file: 東京, 渋谷, 大阪
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund exceljs@4.4.0 read-excel-file@9.3.17 fflate@0.8.3

cat >main.js <<'JS'
import { writeFileSync } from 'node:fs';
import ExcelJS from 'exceljs';
import { strToU8, zipSync } from 'fflate';
import readExcelFile from 'read-excel-file/node';

const SHEETS = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const relations = (list) =>
  `<Relationships xmlns="${PACKAGE}/relationships">${list.map(([id, type, target]) => `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`).join('')}</Relationships>`;
const part = (name, type) => `<Override PartName="/xl/${name}.xml" ContentType="${TYPE}.${type}+xml"/>`;
const parts = {
  '[Content_Types].xml': `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${part('workbook', 'sheet.main')}${part('worksheets/sheet1', 'worksheet')}${part('sharedStrings', 'sharedStrings')}</Types>`,
  '_rels/.rels': relations([['rId1', 'officeDocument', 'xl/workbook.xml']]),
  'xl/workbook.xml': `<workbook xmlns="${SHEETS}" xmlns:r="${OFFICE}"><sheets><sheet name="Towns" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': relations([['rId1', 'worksheet', 'worksheets/sheet1.xml'], ['rId2', 'sharedStrings', 'sharedStrings.xml']]),
  'xl/sharedStrings.xml': `<sst xmlns="${SHEETS}"><si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si><si><t>渋谷</t></si></sst>`,
  'xl/worksheets/sheet1.xml': `<worksheet xmlns="${SHEETS}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>大阪</t><rPh sb="0" eb="2"><t>オオサカ</t></rPh></is></c></row></sheetData></worksheet>`,
};
writeFileSync('towns.xlsx', zipSync(Object.fromEntries(Object.entries(parts).map(([name, xml]) => [name, strToU8(xml)]))));

const workbook = new ExcelJS.Workbook();
await workbook.xlsx.readFile('towns.xlsx');
const found = { Workbook: workbook.worksheets[0].getRow(1).values.slice(1) };
for await (const sheet of new ExcelJS.stream.xlsx.WorkbookReader('towns.xlsx', {}))
  for await (const row of sheet) found.WorkbookReader = row.values.slice(1);
found['read-excel-file'] = (await readExcelFile('towns.xlsx'))[0].data[0];
const lines = Object.entries(found).map(([name, texts]) => `${name}: ${texts.map(String).join(', ')}`);
console.log(lines.join('\n'));
const SEEN = ['Workbook: 東京, 渋谷, undefined', 'WorkbookReader: トウキョウ, 渋谷, オオサカ', 'read-excel-file: 東京, 渋谷, 大阪'];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
