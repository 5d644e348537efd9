#!/usr/bin/env bash
# @duckdb/node-api 1.5.5 (DuckDB 1.5.5): one time that names its zone moves the times below it, in a file and in SQL.
#
# Usual guess: each text that becomes a TIMESTAMP WITH TIME ZONE is read by itself: with its own zone or offset if it has one, else in
#   the TimeZone of the session.
# What happens: after a text that ends in the name of a zone ("12:00:00 Asia/Tokyo"), texts without any are read in that zone too, up to
#   the end of the vector (2,048 rows). Behind that they are read in the session's zone again. Texts with an offset or Z between them are
#   right, and change nothing for those below. read_csv does it, with types declared or found by itself, and so does a CAST of a text column.
# What it costs: a log of a service that writes its zone's name in a few lines is moved by hours in up to 2,047 others, in stretches that
#   depend on where the vectors begin. No row is rejected, and a second file with the same lines in another order gives other instants.
#
# Output seen:
#   10,000 equal times, session in UTC, line 100 names Asia/Tokyo: 8052 at 12:00 UTC, 1948 at 03:00 UTC (lines 100 to 2047)
#   the same texts, each cast in a query of its own: 9999 at 12:00 UTC, 1 at 03:00 UTC
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund @duckdb/node-api@1.5.5-r.5

cat >main.js <<'JS'
import { writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const LINES = 10_000;
const NAMED = 100;
const texts = Array.from(
  { length: LINES },
  (_, line) => `2024-01-05 12:00:00${line === NAMED ? ' Asia/Tokyo' : ''}`,
);
writeFileSync('times.csv', ['line,seen', ...texts.map((text, line) => `${line},${text}`), ''].join('\n'));

const connection = await (await DuckDBInstance.create(':memory:')).connect();
await connection.run("SET TimeZone = 'UTC'");
const rows = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson();

const [noon, early] = await rows(`
  SELECT strftime(seen, '%H:%M'), count(*)::INTEGER, min(line), max(line)
  FROM read_csv('times.csv', header = true, columns = { line: 'INTEGER', seen: 'TIMESTAMPTZ' })
  GROUP BY 1 ORDER BY 1 DESC`);
console.log(
  `${LINES.toLocaleString('en')} equal times, session in UTC, line ${NAMED} names Asia/Tokyo: ${noon[1]} at ${noon[0]} UTC, ${early[1]} at ${early[0]} UTC (lines ${early[2]} to ${early[3]})`,
);

const alone = { '12:00': 0, '03:00': 0 };
for (const text of new Set(texts)) {
  const [[at]] = await rows(`SELECT strftime('${text}'::TIMESTAMPTZ, '%H:%M')`);
  alone[at] += texts.filter((each) => each === text).length;
}
console.log(
  `the same texts, each cast in a query of its own: ${alone['12:00']} at 12:00 UTC, ${alone['03:00']} at 03:00 UTC`,
);
if (early[1] !== 2048 - NAMED || alone['03:00'] !== 1) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
