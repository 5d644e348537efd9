#!/usr/bin/env bash
# postgres 3.4.9 (postgres.js), Postgres by PGlite 0.5.14: a NULL within an array comes as the text "NULL", as false or as NaN.
#
# Usual guess: an element of an array that is NULL comes as null, as a column that is NULL does. A text NULL is sent in quotes, so both can be told apart.
# What happens: the reader of arrays does not know NULL, and gives its four letters to the parser of the type. In text[] it is the text
#   "NULL", in boolean[] false, in int[] NaN, which JSON makes null, in date[] an invalid Date. What was a text NULL is the same. When the array is saved
#   again, "NULL" is a text in the table. An array whose first index is not 1 comes within another array. pg 8.23.1 is right in all of these.
# What it costs: array_agg over a LEFT JOIN gives a name "NULL" to each who has none, an answer that nobody gave is "no", and a row that is
#   read and saved has other values in the table.
#
# Output seen:
#   pg: ["a",null,"NULL"], [true,null], [1,null], index from 0: [1,2]
#   postgres: ["a","NULL","NULL"], [true,false], [1,NaN], index from 0: [[1,2]]
#   in the table after postgres has read the array and saved it: {a,"NULL","NULL"}, elements that are null: 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --legacy-peer-deps --no-audit --no-fund postgres@3.4.9 pg@8.23.1 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17

cat >main.js <<'JS'
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import pg from 'pg';
import postgres from 'postgres';

const QUERY = `SELECT ARRAY['a', NULL, 'NULL'] AS texts, ARRAY[true, NULL] AS answers, ARRAY[1, NULL] AS numbers, '[0:1]={1,2}'::int[] AS moved`;
const server = new PGLiteSocketServer({ db: await PGlite.create(), path: `${process.cwd()}/.s.PGSQL.5432`, maxConnections: 2 });
await server.start();
const options = { host: process.cwd(), user: 'postgres', database: 'postgres', ssl: false };

const client = new pg.Client(options);
await client.connect();
const sql = postgres({ ...options, max: 1 });
const show = (value) => (Array.isArray(value) ? `[${value.map(show).join()}]` : Number.isNaN(value) ? 'NaN' : JSON.stringify(value));
const found = { pg: (await client.query(QUERY)).rows[0], postgres: (await sql.unsafe(QUERY))[0] };
const lines = Object.entries(found).map(
  ([name, { texts, answers, numbers, moved }]) => `${name}: ${[texts, answers, numbers].map(show).join(', ')}, index from 0: ${show(moved)}`,
);

await client.query(`CREATE TABLE tags (names text[])`);
await client.query(`INSERT INTO tags VALUES (ARRAY['a', NULL, 'NULL'])`);
const [{ names }] = await sql`SELECT names FROM tags`;
await sql`UPDATE tags SET names = ${names}`;
const { rows: [saved] } = await client.query(
  `SELECT names::text AS text, (SELECT count(*)::int FROM unnest(names) AS name WHERE name IS NULL) AS nulls FROM tags`,
);
lines.push(`in the table after postgres has read the array and saved it: ${saved.text}, elements that are null: ${saved.nulls}`);
console.log(lines.join('\n'));
const SEEN = [
  'pg: ["a",null,"NULL"], [true,null], [1,null], index from 0: [1,2]',
  'postgres: ["a","NULL","NULL"], [true,false], [1,NaN], index from 0: [[1,2]]',
  'in the table after postgres has read the array and saved it: {a,"NULL","NULL"}, elements that are null: 0',
];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
process.exit();
JS
node main.js
