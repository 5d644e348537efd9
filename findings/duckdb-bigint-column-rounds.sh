#!/usr/bin/env bash
# @duckdb/node-api 1.5.5 (DuckDB 1.5.5): read_csv with a declared BIGINT column and store_rejects rounds what is no whole number.
#
# Usual guess: a file read with its column types written out, and store_rejects on, gives the values that are of those types, and the others
#   are in reject_errors. (COPY of the same lines into a bigint column of Postgres fails on each.)
# What happens: 1.5 is taken as 2, 2.5 as 3, -0.5 as -1, 4.75e2 as 475 and 1e-1 as 0. Halves go away from zero, not to the even neighbour.
#   reject_errors stays empty; only what overflows or is no number at all gets there.
# What it costs: who lets DuckDB check a file on its way to Postgres lands quantities that nobody wrote, and there is no reject to look at.
#
# Output seen:
#   taken as BIGINT: 1.5 is 2, 2.5 is 3, -0.5 is -1, 4.75e2 is 475, 1e-1 is 0
#   rejected by DuckDB: 0 of 5
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund @duckdb/node-api@1.5.5-r.5

cat >main.js <<'JS'
import { writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const TAKEN = [
  ['1.5', '2'],
  ['2.5', '3'],
  ['-0.5', '-1'],
  ['4.75e2', '475'],
  ['1e-1', '0'],
];
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const rows = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson();

writeFileSync('values.csv', ['line,pieces', ...TAKEN.map(([text], line) => `${line},${text}`), ''].join('\n'));
const found = await rows(`
  SELECT line, pieces::VARCHAR
  FROM read_csv('values.csv', header = true, columns = { line: 'INTEGER', pieces: 'BIGINT' }, store_rejects = true)
  ORDER BY line`);
console.log(`taken as BIGINT: ${found.map(([line, value]) => `${TAKEN[line][0]} is ${value}`).join(', ')}`);
const [[rejected]] = await rows('SELECT count(*)::INTEGER FROM reject_errors');
console.log(`rejected by DuckDB: ${rejected} of ${TAKEN.length}`);
if (rejected !== 0 || found.some(([line, value]) => TAKEN[line][1] !== value)) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
