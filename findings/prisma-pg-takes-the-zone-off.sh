#!/usr/bin/env bash
# @prisma/adapter-pg 7.10.1, Postgres by PGlite 0.5.17: where the server's time zone is not UTC, timestamptz columns are written and read with the hours of UTC as local ones.
#
# Usual guess: timestamptz is an instant, whatever zone the server or the role has. What is written at 12:00 UTC is 12:00 UTC, for each client.
# What happens: the adapter, which Prisma 7 talks to Postgres by, writes the time without an offset, so that the server takes it in its own zone, and reads the
#   text with the offset cut off and +00:00 in its place. What it wrote it reads back right. What now(), a trigger or another program wrote is hours off for
#   it, and what it wrote is hours off for them. With a server in UTC all is right.
# What it costs: on a server that was set up with a local zone, created_at by now() and expires_at by the program differ by hours: sessions live too long or are
#   dead at once.
#
# Output seen (time zone America/New_York):
#   12:00Z written by the adapter, read by it: 2024-01-31T12:00:00+00:00, in the table: 2024-01-31T17:00:00Z
#   12:00Z written by pg, read by the adapter: 2024-01-31T07:00:00+00:00, in the table: 2024-01-31T12:00:00Z
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --legacy-peer-deps --no-audit --no-fund @prisma/adapter-pg@7.10.1 pg@8.23.1 @electric-sql/pglite@0.5.17 @electric-sql/pglite-socket@0.2.17

cat >main.js <<'JS'
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';

const db = await PGlite.create();
await db.exec("SET TIME ZONE 'America/New_York'; CREATE TABLE visits (id int, at timestamptz)");
const server = new PGLiteSocketServer({ db, path: `${process.cwd()}/.s.PGSQL.5432`, maxConnections: 4 });
await server.start();
const options = { host: process.cwd(), user: 'postgres', database: 'postgres', ssl: false };
const client = new pg.Client(options);
await client.connect();
const adapter = await new PrismaPg(options).connect();

// As Prisma's client calls the adapter for create() and findMany().
const type = (scalarType, dbType) => ({ arity: 'scalar', scalarType, dbType });
await adapter.executeRaw({
  sql: 'INSERT INTO visits VALUES (1, $1)',
  args: ['2024-01-31T12:00:00.000Z'],
  argTypes: [type('datetime', 'TIMESTAMPTZ')],
});
await client.query('INSERT INTO visits VALUES (2, $1)', [new Date('2024-01-31T12:00:00Z')]);
const { rows: read } = await adapter.queryRaw({ sql: 'SELECT at FROM visits ORDER BY id', args: [], argTypes: [] });
const { rows: held } = await client.query(`SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at FROM visits ORDER BY id`);
console.log(`12:00Z written by the adapter, read by it: ${read[0][0]}, in the table: ${held[0].at}`);
console.log(`12:00Z written by pg, read by the adapter: ${read[1][0]}, in the table: ${held[1].at}`);
process.exit();
JS
TZ=UTC node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
12:00Z written by the adapter, read by it: 2024-01-31T12:00:00+00:00, in the table: 2024-01-31T17:00:00Z
12:00Z written by pg, read by the adapter: 2024-01-31T07:00:00+00:00, in the table: 2024-01-31T12:00:00Z
SEEN
