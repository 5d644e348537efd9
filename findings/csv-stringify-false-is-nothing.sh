#!/usr/bin/env bash
# csv-stringify 6.9.0, into Postgres (PGlite 0.5.17): false is written as an empty cell, which is NULL, and a Date as milliseconds.
#
# Usual guess: false is written as false, f or 0, so that a boolean column of Postgres reads it, and a Date as ISO 8601.
# What happens: true is 1 and false is nothing, as null is. COPY with its defaults takes the empty cell for NULL. A Date is its milliseconds since 1970, which
#   no date column takes.
# What it costs: "has not agreed" and "was not asked" are the same in the file and in the table, and no cell tells them apart afterwards.
#
# Output seen:
#   file: 1,1 | 2, | 3,
#   COPY: 1 true, 2 null, 3 null
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund csv-stringify@6.9.0 @electric-sql/pglite@0.5.17

cat >main.cjs <<'JS'
const { PGlite } = require('@electric-sql/pglite');
const { stringify } = require('csv-stringify/sync');

(async () => {
  const file = stringify([
    [1, true],
    [2, false],
    [3, null],
  ]);
  console.log(`file: ${file.trim().split('\n').join(' | ')}`);
  const db = new PGlite();
  await db.exec('CREATE TABLE consent (id integer, agreed boolean)');
  await db.query("COPY consent FROM '/dev/blob' (FORMAT csv)", [], { blob: new Blob([file]) });
  const { rows } = await db.query('SELECT * FROM consent ORDER BY id');
  console.log(`COPY: ${rows.map(({ id, agreed }) => `${id} ${agreed}`).join(', ')}`);
})();
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
file: 1,1 | 2, | 3,
COPY: 1 true, 2 null, 3 null
SEEN
