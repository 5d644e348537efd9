#!/usr/bin/env bash
# pg 8.23.1, Postgres by PGlite 0.5.14: with `binary: true` an integer of 1000 is 1007, and -1 is -272646673.
#
# Usual guess: `binary: true`, a setting of the client and of a query that is in the types (@types/pg) too, gives the same values in Postgres's
#   binary format, or an error.
# What happens: each field is decoded as UTF-8 text first, then made bytes again for the parser of its type. A byte of 0x80 or more that is
#   no UTF-8 becomes the three bytes EF BF BD. 1000 is 03 E8, so 1007. The same goes for float8 (19.99 is 19.93…), timestamptz (two years later) and each
#   negative number. Numbers such as 127 are right, so that a test with small ones passes. A query without parameters is not sent so.
# What it costs: amounts, counts and times of the whole program are others after somebody has set the option for its speed. Nothing fails.
#
# Output seen:
#   int4: 127 is 127, 128 is 239, 1000 is 1007, -1 is -272646673
#   float8: 100.5 is 100.5, 19.99 is 19.93651947028388
#   timestamptz: 2024-01-01T00:00:00Z is 2026-03-11T15:05:57.819Z
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --legacy-peer-deps --no-audit --no-fund pg@8.23.1 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17

cat >main.js <<'JS'
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import pg from 'pg';

const VALUES = { int4: ['127', '128', '1000', '-1'], float8: ['100.5', '19.99'], timestamptz: ['2024-01-01T00:00:00Z'] };
const server = new PGLiteSocketServer({ db: await PGlite.create(), path: `${process.cwd()}/.s.PGSQL.5432` });
await server.start();
const client = new pg.Client({ host: process.cwd(), user: 'postgres', database: 'postgres', binary: true });
await client.connect();
const lines = [];
for (const [type, texts] of Object.entries(VALUES)) {
  const read = [];
  for (const text of texts) {
    const { value } = (await client.query(`SELECT $1::${type} AS value`, [text])).rows[0];
    read.push(`${text} is ${value instanceof Date ? value.toISOString() : value}`);
  }
  lines.push(`${type}: ${read.join(', ')}`);
}
console.log(lines.join('\n'));
const SEEN = [
  'int4: 127 is 127, 128 is 239, 1000 is 1007, -1 is -272646673',
  'float8: 100.5 is 100.5, 19.99 is 19.93651947028388',
  'timestamptz: 2024-01-01T00:00:00Z is 2026-03-11T15:05:57.819Z',
];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
process.exit();
JS
node main.js
