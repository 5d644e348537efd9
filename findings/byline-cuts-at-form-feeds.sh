#!/usr/bin/env bash
# byline 5.0.0: a line ends at a form feed, at NEL and at U+2028 too, and empty lines are left out; a record of one line becomes several.
#
# Usual guess: it gives the lines of a stream, cut at LF, CRLF and CR.
# What happens: all that Unicode calls a line break counts, also within a quoted cell or a JSON text: VT, form feed, NEL, U+2028 and U+2029. Of a CSV file
#   with page breaks the first cell behind one begins a line. That empty lines are left out is in its README; that lines of a file are then counted
#   wrongly is not.
# What it costs: half a record is parsed as a whole one, its cells under the first headings, and line numbers in reports name other lines.
#
# Output seen (of 3 lines, the second one empty):
#   ["1,Ann,\"Oak","round\",5","2,Bob","Chair,7"]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund byline@5.0.0

cat >main.cjs <<'JS'
const { Readable } = require('node:stream');
const byline = require('byline');
const FILE = ['1,Ann,"Oak\u2028round",5', '', '2,Bob\fChair,7', ''].join('\n');
const lines = [];
byline(Readable.from([Buffer.from(FILE)]))
  .on('data', (line) => lines.push(line.toString()))
  .on('end', () => console.log(JSON.stringify(lines)));
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
["1,Ann,\"Oak","round\",5","2,Bob","Chair,7"]
SEEN
