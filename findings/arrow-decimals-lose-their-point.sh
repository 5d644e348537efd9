#!/usr/bin/env bash
# apache-arrow 21.2.0, on a Parquet file read by parquet-wasm 0.8.0: a DECIMAL comes without its decimal point, 12.34 as 1234.
#
# Usual guess: a value of a DECIMAL(10,2) column, as a text, as a number or in JSON, is 12.34; the scale is in the type for that.
# What happens: String(value), Number(value) and JSON.stringify(row) give the whole number that is stored, 1234. The scale is only in the
#   schema's field, which the reader of a row does not see. -0.05 is -5. Nothing warns. hyparquet 1.33.0 gives 12.34 for the same file.
# What it costs: amounts a hundred times as large, with the right type and without a warning, in each export through Arrow in JavaScript.
#
# Output seen:
#   apache-arrow, price DECIMAL(10,2): text 1234, -5, 100050; number 1234, -5, 100050; JSON {"price":"\"1234\""}
#   hyparquet: 12.34, -0.05, 1000.5
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund apache-arrow@21.2.0 parquet-wasm@0.8.0 hyparquet@1.33.0 hyparquet-writer@0.17.0

cat >main.js <<'JS'
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { readParquet } from 'parquet-wasm/node';

const file = parquetWriteBuffer({
  columnData: [{ name: 'price', data: [12.34, -0.05, 1000.5] }],
  schema: [
    { name: 'root', num_children: 1 },
    { name: 'price', type: 'INT64', repetition_type: 'REQUIRED', converted_type: 'DECIMAL', precision: 10, scale: 2 },
  ],
});
const table = tableFromIPC(readParquet(new Uint8Array(file)).intoIPCStream());
const rows = [...table];
const text = rows.map(({ price }) => String(price)).join(', ');
const number = rows.map(({ price }) => Number(price)).join(', ');
const json = JSON.stringify(rows[0]);
const { precision, scale } = table.schema.fields[0].type;
const other = (await parquetReadObjects({ file })).map(({ price }) => price).join(', ');
console.log(`apache-arrow, price DECIMAL(${precision},${scale}): text ${text}; number ${number}; JSON ${json}`);
console.log(`hyparquet: ${other}`);
const WRONG = '1234, -5, 100050';
if (text !== WRONG || number !== WRONG || json !== '{"price":"\\"1234\\""}' || other !== '12.34, -0.05, 1000.5') {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
