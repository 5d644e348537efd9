#!/usr/bin/env bash
# @mikro-orm/postgresql 7.2.5, Postgres by PGlite 0.5.17: in a text[] the name "Null" becomes NULL, a line break beside a comma the letter n, and spaces at the ends are gone.
#
# Usual guess: an array of texts is stored as it is, as pg does it when it gets the array itself.
# What happens: MikroORM writes the literal of the array. A text is quoted only when it has a quote, a comma, a brace or a backslash, though Postgres drops
#   spaces around bare texts and takes NULL in any case for no value. It is quoted as JSON, where a line break is \n; in Postgres' literal that is n, \t
#   is t. "a<line break>b" without a comma is right.
# What it costs: addresses of several lines are glued together with an n, people called Null are nobody, and a list that is read and saved again is not the list. The
#   entity in memory is right until it is read anew.
#
# Output seen:
#   "Null" is null, " oak" is "oak", "1 High Street,\nOslo" is "1 High Street,nOslo", "2\tx, \"y\"" is "2tx, \"y\"", "a\nb" is "a\nb"
#   pg: ["Null"," oak","1 High Street,\nOslo","2\tx, \"y\"","a\nb"]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --legacy-peer-deps --no-audit --no-fund @mikro-orm/core@7.2.5 @mikro-orm/sql@7.2.5 @mikro-orm/postgresql@7.2.5 pg@8.23.1 \
  @electric-sql/pglite@0.5.17 @electric-sql/pglite-socket@0.2.17

cat >main.js <<'JS'
import { createServer } from 'node:net';
import { once } from 'node:events';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { defineEntity, MikroORM, p } from '@mikro-orm/postgresql';
import pg from 'pg';

const TEXTS = ['Null', ' oak', '1 High Street,\nOslo', '2\tx, "y"', 'a\nb'];
const finder = createServer().listen(0, '127.0.0.1');
await once(finder, 'listening');
const { port } = finder.address();
await new Promise((done) => finder.close(done));
const db = await PGlite.create();
await db.exec('CREATE TABLE people (id int PRIMARY KEY, lines text[])');
const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port, maxConnections: 4 });
await server.start();

const people = defineEntity({ name: 'Person', tableName: 'people', properties: { id: p.integer().primary(), lines: p.array() } });
const login = { host: '127.0.0.1', port, user: 'postgres', password: 'postgres' };
const orm = await MikroORM.init({ entities: [people], dbName: 'postgres', ...login });
const manager = orm.em.fork();
manager.create(people, { id: 1, lines: TEXTS });
await manager.flush();
const { lines } = await orm.em.fork().findOneOrFail(people, 1);
console.log(TEXTS.map((text, index) => `${JSON.stringify(text)} is ${JSON.stringify(lines[index])}`).join(', '));

const client = new pg.Client({ database: 'postgres', ...login });
await client.connect();
await client.query('INSERT INTO people VALUES (2, $1)', [TEXTS]);
console.log(`pg: ${JSON.stringify((await client.query('SELECT lines FROM people WHERE id = 2')).rows[0].lines)}`);
process.exit();
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
"Null" is null, " oak" is "oak", "1 High Street,\nOslo" is "1 High Street,nOslo", "2\tx, \"y\"" is "2tx, \"y\"", "a\nb" is "a\nb"
pg: ["Null"," oak","1 High Street,\nOslo","2\tx, \"y\"","a\nb"]
SEEN
