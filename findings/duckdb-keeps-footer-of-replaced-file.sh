#!/usr/bin/env bash
# @duckdb/node-api 1.5.5 (DuckDB 1.5.5): a Parquet file that was written anew within a second is read with the columns of the file before.
#
# Usual guess: each query reads the file that is there. What DuckDB keeps of files in memory is checked against the file first
#   (validate_external_file_cache is VALIDATE_ALL), and the settings that keep metadata of Parquet are off (parquet_metadata_cache, enable_object_cache).
# What happens: DuckDB keeps the footer, with names, types and statistics, and takes it for that of the new file when size, inode and the
#   second of the last change are the same. The data is read anew. So values come under the names of other columns, and WHERE leaves out
#   rows whose values are not between the old minimum and maximum. It stays so until the file changes again. A file that was renamed into place is right.
# What it costs: a service that writes each batch to one temporary file and loads it from there takes amounts for taxes and loses rows,
#   when two batches of one size come within a second. Numbers without compression have the same size each time.
#
# Output seen:
#   first file: id, net, vat: 1, 100, 19; 2, 200, 38
#   second file, as written: id, vat, net: 3, 57, 300; 4, 76, 400
#   second file, as read: id, net, vat: 3, 57, 300; 4, 76, 400; rows with id >= 3: 0
#   two seconds later, as read: id, net, vat: 3, 57, 300; 4, 76, 400; rows with id >= 3: 0
#   by another instance: id, vat, net: 3, 57, 300; 4, 76, 400; rows with id >= 3: 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund @duckdb/node-api@1.5.5-r.5 hyparquet-writer@0.17.0

cat >main.js <<'JS'
import { statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetWriteBuffer } from 'hyparquet-writer';

const FIRST = { id: [1n, 2n], net: [100n, 200n], vat: [19n, 38n] };
const SECOND = { id: [3n, 4n], vat: [57n, 76n], net: [300n, 400n] };
const asFile = (columns) =>
  Buffer.from(parquetWriteBuffer({ columnData: Object.entries(columns).map(([name, data]) => ({ name, data })), codec: 'UNCOMPRESSED' }));
const text = (names, rows) => `${names.join(', ')}: ${rows.map((row) => row.join(', ')).join('; ')}`;
const written = (columns) => text(Object.keys(columns), [0, 1].map((row) => Object.values(columns).map((values) => values[row])));

const connect = async () => (await DuckDBInstance.create(':memory:')).connect();
async function read(connection) {
  const answer = await connection.runAndReadAll("FROM 'batch.parquet'");
  const [[count]] = (await connection.runAndReadAll("SELECT count(*)::INTEGER FROM 'batch.parquet' WHERE id >= 3")).getRowsJson();
  return `${text(answer.columnNames(), answer.getRowsJson())}; rows with id >= 3: ${count}`;
}
function write(columns) {
  writeFileSync('batch.parquet', asFile(columns));
  return Math.floor(statSync('batch.parquet').mtimeMs / 1000);
}

let connection;
do {
  // Again when a second ended between the two.
  connection = await connect();
  await sleep(1050 - (Date.now() % 1000));
  const second = write(FIRST);
  await read(connection);
  if (write(SECOND) === second) break;
} while (true);
const found = [await read(connection)];
await sleep(2000);
found.push(await read(connection), await read(await connect()));

console.log(`first file: ${written(FIRST)}\nsecond file, as written: ${written(SECOND)}`);
['second file, as read', 'two seconds later, as read', 'by another instance'].forEach((when, at) => console.log(`${when}: ${found[at]}`));
const WRONG = 'id, net, vat: 3, 57, 300; 4, 76, 400; rows with id >= 3: 0';
if (asFile(FIRST).length !== asFile(SECOND).length || found.join('|') !== [WRONG, WRONG, `${written(SECOND)}; rows with id >= 3: 2`].join('|')) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
