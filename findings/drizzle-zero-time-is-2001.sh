#!/usr/bin/env bash
# drizzle-orm 0.45.4, postgres 3.4.9, PGlite 0.5.16 (Node 20): a timestamp of the year 1 is read as one of 2001, and saved back as that.
#
# Usual guess: a timestamp that Postgres holds comes out as the same instant. An early year is rare, but the zero time of Go and of .NET,
#   0001-01-01 00:00:00, is in many tables: their programs write it for "never", and compare with it.
# What happens: Postgres sends `0001-01-01 00:00:00+00`, with a space. All three hand this text to `new Date`. With a `T` in the middle it is
#   ISO 8601 and right; with a space V8 reads it by its old rules, in which the years 0 to 49 are of this century and 50 to 99 of the last.
#   From the year 100 on, and for the type `date`, all is right. pg 8.23.1 has a parser of its own, which is right too.
# What it costs: an account that never logged in has logged in on 1 January 2001; a deletedAt of "never" is in the past. The value looks
#   plausible, and a program that reads a row and saves it writes 2001 into the table.
#
# Output seen:
#   pg: 0001-01-01T00:00:00.000Z, postgres: 2001-01-01T00:00:00.000Z, PGlite: 2001-01-01T00:00:00.000Z, drizzle: 2001-01-01T00:00:00.000Z
#   in the table after drizzle has read the row and saved it: 2001-01-01 00:00:00+00
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund drizzle-orm@0.45.4 postgres@3.4.9 pg@8.23.1 @electric-sql/pglite@0.5.16

cat >main.js <<'JS'
import { PGlite } from '@electric-sql/pglite';
import { eq } from 'drizzle-orm';
import { integer, pgTable, timestamp } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/pglite';
import pg from 'pg';
import postgres from 'postgres';

const TIMESTAMPTZ = 1184;
const client = await PGlite.create();
await client.exec(`
  SET timezone = 'UTC';
  CREATE TABLE accounts (id int, last_login timestamptz);
  INSERT INTO accounts VALUES (1, '0001-01-01 00:00:00Z')`);
const text = async () => (await client.query('SELECT last_login::text AS t FROM accounts')).rows[0].t;
const sent = await text();

const accounts = pgTable('accounts', { id: integer(), lastLogin: timestamp('last_login', { withTimezone: true }) });
const db = drizzle({ client });
const [account] = await db.select().from(accounts);
const read = {
  pg: pg.types.getTypeParser(TIMESTAMPTZ)(sent),
  postgres: postgres().options.parsers[TIMESTAMPTZ](sent),
  PGlite: (await client.query('SELECT last_login FROM accounts')).rows[0].last_login,
  drizzle: account.lastLogin,
};
await db.update(accounts).set({ lastLogin: account.lastLogin }).where(eq(accounts.id, 1));
const saved = await text();

console.log(Object.entries(read).map(([name, date]) => `${name}: ${date.toISOString()}`).join(', '));
console.log(`in the table after drizzle has read the row and saved it: ${saved}`);
const years = Object.values(read).map((date) => date.getUTCFullYear());
if (years.join() !== '1,2001,2001,2001' || saved !== '2001-01-01 00:00:00+00') {
  console.error('This has changed.');
  process.exit(1);
}
JS
TZ=UTC node main.js
