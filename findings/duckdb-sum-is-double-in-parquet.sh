#!/usr/bin/env bash
# @duckdb/node-api 1.5.5 (DuckDB 1.5.5): the sum of a BIGINT column is exact in a table and in CSV, and a rounded double in a Parquet file.
#
# Usual guess: COPY … TO 'totals.parquet' keeps the values of the query. Parquet has decimals of 38 digits, so a type that it lacks is written as one of
#   these, or refused.
# What happens: sum() of whole numbers is a HUGEINT, so that it does not overflow, and the Parquet writer makes a DOUBLE of that. Whole
#   numbers above 9007199254740992 go to the nearest one that a double has. The column's type in the file is another too. DECIMAL columns
#   and their sums are exact; a cast to BIGINT or DECIMAL(38,0) keeps the digits. Nothing warns.
# What it costs: totals in the smallest unit of a currency, and checks of whole tables by the sum of their ids, differ after an
#   export, while the parts are right. And a consumer that had BIGINT gets a column of doubles.
#
# Output seen (the sum of 9007199254740990 and 3):
#   in the query: 9007199254740993 (HUGEINT)
#   in CSV: 9007199254740993
#   in Parquet: 9007199254740992.0 (DOUBLE)
#   in Parquet, the same as DECIMAL: 9007199254740993 (DECIMAL(38,0))
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund @duckdb/node-api@1.5.5-r.5

cat >main.js <<'JS'
import { readFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const row = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson()[0];
const read = async (from) => {
  const [value, type] = await row(`SELECT total::VARCHAR, typeof(total) FROM ${from}`);
  return `${value} (${type})`;
};
await connection.run('CREATE TABLE amounts AS SELECT unnest([9007199254740990, 3]::BIGINT[]) AS amount');
const TOTALS = 'SELECT sum(amount) AS total FROM amounts';
await connection.run(`COPY (${TOTALS}) TO 'totals.csv' (HEADER false)`);
await connection.run(`COPY (${TOTALS}) TO 'totals.parquet'`);
await connection.run(`COPY (SELECT total::DECIMAL(38,0) AS total FROM (${TOTALS})) TO 'decimal.parquet'`);
const lines = [
  `in the query: ${await read(`(${TOTALS})`)}`,
  `in CSV: ${readFileSync('totals.csv', 'utf8').trim()}`,
  `in Parquet: ${await read("'totals.parquet'")}`,
  `in Parquet, the same as DECIMAL: ${await read("'decimal.parquet'")}`,
];
console.log(lines.join('\n'));
const SEEN = [
  'in the query: 9007199254740993 (HUGEINT)',
  'in CSV: 9007199254740993',
  'in Parquet: 9007199254740992.0 (DOUBLE)',
  'in Parquet, the same as DECIMAL: 9007199254740993 (DECIMAL(38,0))',
];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
