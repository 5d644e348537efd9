#!/usr/bin/env bash
# @dsnp/parquetjs 1.8.8, on a Parquet file of DuckDB 1.5.5: unsigned numbers of the upper half are read as negative ones.
#
# Usual guess: a reader that knows the types UINT_32 and UINT_64 (it has them in its own schema language) gives the numbers that are in the file.
# What happens: 4000000000 of a UINTEGER column is -294967296, and the largest UBIGINT is -1n. In its schema the column is UINT_32 all the same. As a writer
#   it refuses these numbers with an error. hyparquet 1.33.0 reads the same file rightly. UTINYINT and USMALLINT are right.
# What it costs: hashes, addresses of IPv4 and counters, which are kept unsigned, become other keys. Half of the hashes of a column no longer
#   match those of another system, and the smaller half does, so that a look at a few rows finds nothing.
#
# Output seen:
#   hyparquet: 3000000, 4000000000, 18446744073709551615
#   @dsnp/parquetjs: 3000000, -294967296, -1 (schema UINT_32, UINT_32, UINT_64)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund @dsnp/parquetjs@1.8.8 hyparquet@1.33.0 @duckdb/node-api@1.5.5-r.5

cat >main.mjs <<'JS'
import { DuckDBInstance } from '@duckdb/node-api';
import parquet from '@dsnp/parquetjs';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run(`COPY (SELECT 3000000::UINTEGER AS a, 4000000000::UINTEGER AS b, 18446744073709551615::UBIGINT AS c)
  TO 'hashes.parquet'`);
const [row] = await parquetReadObjects({ file: await asyncBufferFromFile('hashes.parquet') });
const reader = await parquet.ParquetReader.openFile('hashes.parquet');
const read = await reader.getCursor().next();
const types = ['a', 'b', 'c'].map((name) => reader.schema.fields[name].originalType);
await reader.close();
const values = ({ a, b, c }) => [a, b, c].join(', ');
const lines = [`hyparquet: ${values(row)}`, `@dsnp/parquetjs: ${values(read)} (schema ${types.join(', ')})`];
console.log(lines.join('\n'));
const SEEN = [
  'hyparquet: 3000000, 4000000000, 18446744073709551615',
  '@dsnp/parquetjs: 3000000, -294967296, -1 (schema UINT_32, UINT_32, UINT_64)',
];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.mjs
