#!/usr/bin/env bash
# pg 8.23.1 (pg-types 2.2.0), Postgres by PGlite 0.5.14: a numeric keeps its digits, and in an array it is rounded to a double.
#
# Usual guess: pg gives numeric as text, so that no digit is lost, and numeric[] as an array of such texts, as it does for bigint[].
# What happens: numeric[] is read by parseFloat. 12345678901234567.89 is 12345678901234568, and 0.10 is 0.1. bigint[] does come as texts.
#   pg-types has it as text since its version 3, and pg stays with 2.2.0, the newest pg included.
# What it costs: array_agg(amount) and columns of prices lose cents and the places behind the point, where the same query without the array
#   is right. Rows that are read with arrays and saved again are other rows. postgres 3.4.9 gives texts for both.
#
# Output seen:
#   pg: numeric "12345678901234567.89", numeric[] [12345678901234568,0.1], bigint[] ["9007199254740993"]
#   postgres: numeric "12345678901234567.89", numeric[] ["12345678901234567.89","0.10"], bigint[] ["9007199254740993"]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --legacy-peer-deps --no-audit --no-fund pg@8.23.1 postgres@3.4.9 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17

cat >main.js <<'JS'
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import pg from 'pg';
import postgres from 'postgres';

const QUERY = `SELECT 12345678901234567.89::numeric AS one,
  ARRAY[12345678901234567.89, 0.10]::numeric[] AS many, ARRAY[9007199254740993]::bigint[] AS ids`;
const server = new PGLiteSocketServer({ db: await PGlite.create(), path: `${process.cwd()}/.s.PGSQL.5432`, maxConnections: 2 });
await server.start();
const options = { host: process.cwd(), user: 'postgres', database: 'postgres', ssl: false };

const client = new pg.Client(options);
await client.connect();
const sql = postgres({ ...options, max: 1 });
const found = { pg: (await client.query(QUERY)).rows[0], postgres: (await sql.unsafe(QUERY))[0] };
const lines = Object.entries(found).map(
  ([name, { one, many, ids }]) => `${name}: numeric ${JSON.stringify(one)}, numeric[] ${JSON.stringify(many)}, bigint[] ${JSON.stringify(ids)}`,
);
console.log(lines.join('\n'));
const SEEN = [
  'pg: numeric "12345678901234567.89", numeric[] [12345678901234568,0.1], bigint[] ["9007199254740993"]',
  'postgres: numeric "12345678901234567.89", numeric[] ["12345678901234567.89","0.10"], bigint[] ["9007199254740993"]',
];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
process.exit();
JS
node main.js
