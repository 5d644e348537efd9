#!/usr/bin/env bash
# postgres 3.4.9 (postgres.js) and PGlite 0.5.17: where the program does not run in UTC, a Date in a timestamp column is another time when it is read.
#
# Usual guess: a driver that takes a Date and gives a Date back gives the same one, whichever zone it chooses for columns without one. pg does: it writes
#   and reads local time.
# What happens: both write such a Date in UTC and read the text in local time. In Tokyo it comes back nine hours early. Read, changed in another field and
#   saved, as programs with objects do, it moves nine hours again, each time. In UTC, on most servers, nothing is to be seen; timestamptz is right.
# What it costs: appointments and deadlines that are saved from a desktop, a laptop or a server with a local zone wander through the days, and no two
#   programs agree on them.
#
# Output seen (TZ=Asia/Tokyo, 2024-01-31T20:00:00Z is saved, then read and saved twice more):
#   postgres: 2024-01-31T11:00Z, 2024-01-31T02:00Z, 2024-01-30T17:00Z
#   pglite: 2024-01-31T11:00Z, 2024-01-31T02:00Z, 2024-01-30T17:00Z
#   pg: 2024-01-31T20:00Z, 2024-01-31T20:00Z, 2024-01-31T20:00Z
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --legacy-peer-deps --no-audit --no-fund pg@8.23.1 postgres@3.4.9 @electric-sql/pglite@0.5.17 @electric-sql/pglite-socket@0.2.17

cat >main.js <<'JS'
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import pg from 'pg';
import postgres from 'postgres';

const db = await PGlite.create();
await db.exec('CREATE TABLE visits (at timestamp)');
await db.exec('INSERT INTO visits VALUES (NULL)');
const server = new PGLiteSocketServer({ db, path: `${process.cwd()}/.s.PGSQL.5432`, maxConnections: 2 });
await server.start();
const options = { host: process.cwd(), user: 'postgres', database: 'postgres', ssl: false };
const client = new pg.Client(options);
await client.connect();
const sql = postgres({ ...options, max: 1 });
const DRIVERS = {
  postgres: { save: (at) => sql`UPDATE visits SET at = ${at}`, read: async () => (await sql`SELECT at FROM visits`)[0].at },
  pglite: { save: (at) => db.query('UPDATE visits SET at = $1', [at]), read: async () => (await db.query('SELECT at FROM visits')).rows[0].at },
  pg: { save: (at) => client.query('UPDATE visits SET at = $1', [at]), read: async () => (await client.query('SELECT at FROM visits')).rows[0].at },
};
for (const [name, { save, read }] of Object.entries(DRIVERS)) {
  const seen = [];
  let at = new Date('2024-01-31T20:00:00Z');
  for (let time = 0; time < 3; time++) {
    await save(at);
    at = await read();
    seen.push(at.toISOString().replace(':00.000Z', 'Z'));
  }
  console.log(`${name}: ${seen.join(', ')}`);
}
process.exit();
JS
TZ=Asia/Tokyo node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
postgres: 2024-01-31T11:00Z, 2024-01-31T02:00Z, 2024-01-30T17:00Z
pglite: 2024-01-31T11:00Z, 2024-01-31T02:00Z, 2024-01-30T17:00Z
pg: 2024-01-31T20:00Z, 2024-01-31T20:00Z, 2024-01-31T20:00Z
SEEN
