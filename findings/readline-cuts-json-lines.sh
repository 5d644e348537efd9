#!/usr/bin/env bash
# Node 24.22.3: readline ends a line at U+2028 too, and Node 22.23.5 and 20.20.2 do not; a sound file of JSON lines has more lines after an update.
#
# Usual guess: readline cuts at LF, CRLF and CR, and a file of JSON lines, one of JSON.stringify each, is read with it on every Node.
# What happens: since Node 24 the line and paragraph separators of Unicode end a line as well. JSON.stringify leaves both as they are, JSON allows them in a
#   text, and they come with texts from word processors, PDFs and chats. split2 4.2.0 cuts at line ends only.
# What it costs: after an update of Node JSON.parse fails at half an object, or a program that passes over such lines loses the record; in a list of plain names
#   one becomes two.
#
# Output seen (lines of two JSON objects):
#   Node 20.20.2: readline 2, split2 2
#   Node 22.23.5: readline 2, split2 2
#   Node 24.22.3: readline 4, split2 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
case $(uname -m) in aarch64 | arm64) cpu=arm64 ;; *) cpu=x64 ;; esac
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund split2@4.2.0

cat >main.js <<'JS'
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import split2 from 'split2';

const FILE = [{ name: 'Oak table\u2028round' }, { name: 'Chair\u2029red' }].map((each) => `${JSON.stringify(each)}\n`).join('');
let [lines, pieces] = [0, 0];
for await (const _ of createInterface({ input: Readable.from([FILE]) })) lines++;
for await (const _ of Readable.from([FILE]).pipe(split2())) pieces++;
console.log(`Node ${process.versions.node}: readline ${lines}, split2 ${pieces}`);
JS
for version in 20.20.2 22.23.5 24.22.3; do
  mkdir "$version"
  echo '{ "private": true }' >"$version/package.json"
  npm install --prefix "$version" --silent --no-audit --no-fund "node-linux-$cpu@$version"
  "$version/node_modules/node-linux-$cpu/bin/node" main.js
done | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
Node 20.20.2: readline 2, split2 2
Node 22.23.5: readline 2, split2 2
Node 24.22.3: readline 4, split2 2
SEEN
