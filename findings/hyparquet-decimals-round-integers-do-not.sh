#!/usr/bin/env bash
# hyparquet 1.33.0, on a Parquet file of DuckDB 1.5.5: decimals are rounded to doubles, while integers of 64 bits come exactly.
#
# Usual guess: a reader that gives 64-bit integers as BigInt, so that no digit is lost, keeps the digits of a DECIMAL too, as text or as BigInt
#   where its scale is 0; both types are there for the sake of their digits.
# What happens: every DECIMAL is a JavaScript number, whatever its precision and scale, without a word. DECIMAL(18,0) 9007199254740993 is
#   …992, beside a BIGINT column in which the same value is exact. DECIMAL(20,2) loses its cents.
# What it costs: an export of a ledger by DuckDB, Spark or pandas goes through it into a database with other amounts, and account numbers kept as
#   DECIMAL(18,0), as warehouses do, become their neighbours'.
#
# Output seen:
#   BIGINT 9007199254740993 is 9007199254740993 (bigint)
#   DECIMAL(18,0) 9007199254740993 is 9007199254740992 (number)
#   DECIMAL(20,2) 123456789012345678.91 is 123456789012345660 (number)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund hyparquet@1.33.0 @duckdb/node-api@1.5.5-r.5

cat >main.js <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';

const VALUES = [
  ['BIGINT', '9007199254740993', 9007199254740993n],
  ['DECIMAL(18,0)', '9007199254740993', 9007199254740992],
  ['DECIMAL(20,2)', '123456789012345678.91', 123456789012345660],
];
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const columns = VALUES.map(([type, text], at) => `'${text}'::${type} AS c${at}`).join(', ');
await connection.run(`COPY (SELECT ${columns}) TO 'ledger.parquet' (FORMAT parquet)`);
const [row] = await parquetReadObjects({ file: await asyncBufferFromFile('ledger.parquet') });
let changed = false;
VALUES.forEach(([type, text, expected], at) => {
  const value = row[`c${at}`];
  console.log(`${type} ${text} is ${value} (${typeof value})`);
  changed ||= value !== expected;
});
if (changed) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
