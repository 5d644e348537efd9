#!/usr/bin/env bash
# node:sqlite (Node 22.23.5), @libsql/client 0.18.0 and sql.js 1.17.0: the number 501 in a TEXT column is '501.0', in the last one from 2147483648 on.
#
# Usual guess: a whole number that is put into a column of texts is its digits, as SQLite's own shell and other drivers have it.
# What happens: a number of JavaScript is bound as a double, also a whole one, and SQLite's TEXT affinity makes a text of the double, with .0 behind. sql.js
#   binds what has 32 bits as an integer, so that small ids are right and large ones and times in milliseconds are not. node-sqlite3-wasm gives digits.
# What it costs: an order number that came as a number of JSON is not equal to the same one from a file, in the same column: joins and lookups miss it, and a
#   unique key takes both.
#
# Output seen (what the column holds, and how many rows WHERE v IN ('501', '3000000000') finds):
#   node:sqlite: 501.0 3000000000.0, found 0
#   @libsql/client: 501.0 3000000000.0, found 0
#   sql.js: 501 3000000000.0, found 1
#   node-sqlite3-wasm: 501 3000000000, found 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
case $(uname -m) in aarch64 | arm64) cpu=arm64 ;; *) cpu=x64 ;; esac
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund "node-linux-$cpu@22.23.5" @libsql/client@0.18.0 sql.js@1.17.0 node-sqlite3-wasm@0.8.60

cat >main.js <<'JS'
import { createClient } from '@libsql/client';
import { DatabaseSync } from 'node:sqlite';
import wasm from 'node-sqlite3-wasm';
import initSqlJs from 'sql.js';

const NUMBERS = [501, 3_000_000_000];
const TABLE = 'CREATE TABLE orders (v TEXT)';
const INSERT = 'INSERT INTO orders VALUES (?)';
const FOUND = "SELECT v, v IN ('501', '3000000000') AS found FROM orders";
const show = (name, rows) =>
  console.log(`${name}: ${rows.map(({ v }) => v).join(' ')}, found ${rows.filter(({ found }) => found === 1).length}`);

const own = new DatabaseSync(':memory:');
own.exec(TABLE);
for (const each of NUMBERS) own.prepare(INSERT).run(each);
show('node:sqlite', own.prepare(FOUND).all());

const client = createClient({ url: ':memory:' });
await client.execute(TABLE);
for (const each of NUMBERS) await client.execute({ sql: INSERT, args: [each] });
show('@libsql/client', (await client.execute(FOUND)).rows);

const db = new (await initSqlJs()).Database();
db.run(TABLE);
for (const each of NUMBERS) db.run(INSERT, [each]);
show('sql.js', db.exec(FOUND)[0].values.map(([v, found]) => ({ v, found })));

const other = new wasm.Database();
other.exec(TABLE);
for (const each of NUMBERS) other.run(INSERT, [each]);
show('node-sqlite3-wasm', other.all(FOUND));
JS
"node_modules/node-linux-$cpu/bin/node" --no-warnings main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
node:sqlite: 501.0 3000000000.0, found 0
@libsql/client: 501.0 3000000000.0, found 0
sql.js: 501 3000000000.0, found 1
node-sqlite3-wasm: 501 3000000000, found 2
SEEN
