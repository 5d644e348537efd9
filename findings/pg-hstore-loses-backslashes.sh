#!/usr/bin/env bash
# pg-hstore 2.3.4 (Sequelize's), Postgres by PGlite 0.5.17: a backslash in a value is lost, and a value that is undefined becomes the empty text.
#
# Usual guess: stringify writes a value so that Postgres reads the same one; its own parse reads it back. What is undefined is left out, or NULL, as null is.
# What happens: nothing is escaped unless the option `sanitize` is given, and in an hstore text a backslash makes the next character itself. Its own parse does
#   not find that, since Postgres has lost them. undefined is "", and a list is its items with commas.
# What it costs: paths of Windows, regular expressions and DOMAIN\user are stored as others, in silence, and cannot be found again.
#
# Output seen:
#   C:\temp\new is C:tempnew, ACME\ann is ACMEann, undefined is "", null is null
#   with sanitize: C:\temp\new is C:\temp\new
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund pg-hstore@2.3.4 @electric-sql/pglite@0.5.17

cat >main.cjs <<'JS'
const { PGlite } = require('@electric-sql/pglite');
const { hstore } = require('@electric-sql/pglite/contrib/hstore');
const pgHstore = require('pg-hstore');

(async () => {
  const db = await PGlite.create({ extensions: { hstore } });
  await db.exec('CREATE EXTENSION hstore');
  const stored = async (values, options) => {
    const { rows } = await db.query("SELECT hstore_to_json($1::hstore) AS found", [pgHstore(options).stringify(values)]);
    return rows[0].found;
  };
  const values = { path: 'C:\\temp\\new', user: 'ACME\\ann', none: undefined, nothing: null };
  const found = await stored(values);
  console.log(`${values.path} is ${found.path}, ${values.user} is ${found.user}, undefined is "${found.none}", null is ${found.nothing}`);
  console.log(`with sanitize: ${values.path} is ${(await stored(values, { sanitize: true })).path}`);
})();
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
C:\temp\new is C:tempnew, ACME\ann is ACMEann, undefined is "", null is null
with sanitize: C:\temp\new is C:\temp\new
SEEN
