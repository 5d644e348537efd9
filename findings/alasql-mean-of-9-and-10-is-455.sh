#!/usr/bin/env bash
# alasql 4.19.1, on amounts as pg gives them: the AVG of '9' and '10' is 455, SUM and MAX are not there, and a LEFT JOIN joins NULL with NULL.
#
# Usual guess: SQL on an array of rows adds up amounts that are texts, as a numeric of pg or an exact decimal of JSON is, or raises an error; in a column that was
#   declared NUMERIC they are numbers. NULL equals nothing in a join.
# What happens: INSERT into a NUMERIC column leaves the text. AVG puts texts together, '9' and '10' to 910, and divides by two. SUM, MIN and MAX pass over texts: the
#   key is missing in the row, or, for a group of one row, SUM is the text itself. Of 1 and '5' the SUM is the text 15. Rows without a key find each other.
# What it costs: totals that are numbers and wrong, or cells that are empty, where the same query in Postgres is right; rows without a customer get the
#   first other row without one.
#
# Output seen:
#   table with NUMERIC: {"mean":455}, in Postgres {"mean":"9.50","added":"19","most":"10"}
#   groups: {"k":"a"} {"k":"b","added":"100.25"}
#   SUM of 1 and '5': {"added":"15"}
#   LEFT JOIN on NULL: alasql {"bill":1,"name":"nobody"}, Postgres {"bill":1,"name":null}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund alasql@4.19.1 @electric-sql/pglite@0.5.17

cat >main.js <<'JS'
import { PGlite } from '@electric-sql/pglite';
import alasql from 'alasql';

const db = await PGlite.create();
const postgres = async (sql) => (await db.query(sql)).rows[0];
const CREATE = 'CREATE TABLE amounts (amount NUMERIC)';
const INSERT = "INSERT INTO amounts VALUES ('9'), ('10')";
const totals = (mean) => `SELECT ${mean} AS mean, SUM(amount) AS added, MAX(amount) AS most FROM amounts`;
await db.exec(`${CREATE}; ${INSERT}`);
alasql(CREATE);
alasql(INSERT);
const json = (row) => JSON.stringify(row);
console.log(`table with NUMERIC: ${json(alasql(totals('AVG(amount)'))[0])}, in Postgres ${json(await postgres(totals('AVG(amount)::numeric(9,2)')))}`);

const rows = [{ k: 'a', amount: '10.50' }, { k: 'a', amount: '9.00' }, { k: 'b', amount: '100.25' }];
console.log(`groups: ${alasql('SELECT k, SUM(amount) AS added FROM ? GROUP BY k', [rows]).map(json).join(' ')}`);
console.log(`SUM of 1 and '5': ${json(alasql('SELECT SUM(amount) AS added FROM ?', [[{ amount: 1 }, { amount: '5' }]])[0])}`);

const bills = [{ bill: 1, id: null }];
const people = [{ id: null, name: 'nobody' }, { id: 1, name: 'Ann' }];
const [joined] = alasql('SELECT b.bill, p.name FROM ? b LEFT JOIN ? p ON b.id = p.id', [bills, people]);
const held = await postgres(`SELECT b.bill, p.name FROM (VALUES (1, NULL::int)) b (bill, id)
  LEFT JOIN (VALUES (NULL::int, 'nobody'), (1, 'Ann')) p (id, name) ON b.id = p.id`);
console.log(`LEFT JOIN on NULL: alasql ${json(joined)}, Postgres ${json(held)}`);
process.exit();
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
table with NUMERIC: {"mean":455}, in Postgres {"mean":"9.50","added":"19","most":"10"}
groups: {"k":"a"} {"k":"b","added":"100.25"}
SUM of 1 and '5': {"added":"15"}
LEFT JOIN on NULL: alasql {"bill":1,"name":"nobody"}, Postgres {"bill":1,"name":null}
SEEN
