#!/usr/bin/env bash
# pgdbf 0.6.2 (Debian 12), which makes COPY for Postgres of a dBase file: a column F(12,4) becomes NUMERIC(4), and 1.2345 lands as 1.
#
# Usual guess: a column of 12 characters with 4 decimals becomes numeric(12, 4) or double precision, for the type F (float) as for N, and a truth
#   value that nobody entered becomes NULL.
# What happens: N(12,4) becomes NUMERIC(12, 4). For F the decimals are taken for the precision: NUMERIC(4), with no place behind the point. Its
#   values are in the COPY as they were, and Postgres rounds them. From 10000 on COPY fails, so that only columns of small numbers land. An empty truth value is false.
# What it costs: weights, rates and prices of FoxPro, and what shapefiles keep in F, are whole numbers in the table, after an import without an error.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen:
#   pgdbf: CREATE TABLE rates (n NUMERIC(12, 4), f NUMERIC(4), paid BOOLEAN);
#   in the file: N 1.2345, F 1.2345, PAID true; N 0.45, F 0.45, PAID null
#   in the table: n 1.2345, f 1, paid true; n 0.4500, f 0, paid false
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq pgdbf=0.6.2-1.1+b2 2>/dev/null
dpkg -x pgdbf_*.deb .
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund dbffile@1.13.0 @electric-sql/pglite@0.5.14

cat >main.js <<'JS'
import { execFileSync } from 'node:child_process';
import { PGlite } from '@electric-sql/pglite';
import { DBFFile } from 'dbffile';

const four = { size: 12, decimalPlaces: 4 };
const file = await DBFFile.create('rates.dbf', [{ name: 'N', type: 'N', ...four }, { name: 'F', type: 'F', ...four }, { name: 'PAID', type: 'L', size: 1 }]);
await file.appendRecords([{ N: 1.2345, F: 1.2345, PAID: true }, { N: 0.45, F: 0.45, PAID: null }]);
const show = (rows) => rows.map((row) => Object.entries(row).map((cell) => cell.join(' ')).join(', ')).join('; ');
const written = (await (await DBFFile.open('rates.dbf')).readRecords()).map(({ N, F, PAID }) => ({ N, F, PAID: String(PAID) }));

const script = execFileSync('usr/bin/pgdbf', ['rates.dbf'], { encoding: 'utf8' });
const table = /^CREATE TABLE .*$/m.exec(script)[0];
const data = /FROM STDIN\n(.*)\\\.\n/s.exec(script)[1];
const db = await PGlite.create();
await db.exec(table);
await db.query(`COPY rates FROM '/dev/blob'`, [], { blob: new Blob([data]) });
const lines = [`pgdbf: ${table}`, `in the file: ${show(written)}`, `in the table: ${show((await db.query('SELECT n::text, f::text, paid::text FROM rates')).rows)}`];
console.log(lines.join('\n'));
const SEEN = [
  'pgdbf: CREATE TABLE rates (n NUMERIC(12, 4), f NUMERIC(4), paid BOOLEAN);',
  'in the file: N 1.2345, F 1.2345, PAID true; N 0.45, F 0.45, PAID null',
  'in the table: n 1.2345, f 1, paid true; n 0.4500, f 0, paid false',
];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
