#!/usr/bin/env bash
# fflate 0.8.3: gunzipSync gives the first member of a gzip file and leaves out the rest, in silence; its own streaming Gunzip reads all of them.
#
# Usual guess: a gzip file of several members is one file (RFC 1952, 2.2: "a gzip file consists of a series of members"), as gzip, zlib, pako 3 and
#   Node read it; what cannot be read raises an error. And two ways of one library give the same bytes.
# What happens: gunzipSync stops behind the first member and returns what it has. The bytes behind it are not even looked at: no error, no hint.
# What it costs: logs and exports that were joined by `cat`, or written by bgzip or by a program that appends, lose all rows but those of their first
#   part. Whoever uses it to read uploads counts fewer rows than were sent, and has no way to know.
#
# Output seen:
#   Node's zlib: 4 rows; fflate, streamed: 4 rows; fflate gunzipSync: 2 rows
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund fflate@0.8.3

cat >main.js <<'JS'
import { gunzipSync as zlibGunzip, gzipSync } from 'node:zlib';
import { Gunzip, gunzipSync, strFromU8 } from 'fflate';

const file = Buffer.concat([gzipSync('1,Ann\n2,Bob\n'), gzipSync('3,Cid\n4,Dee\n')]);
const rows = (text) => text.split('\n').length - 1;

let streamed = '';
const gunzip = new Gunzip((piece) => (streamed += strFromU8(piece)));
gunzip.push(file, true);
const found = [rows(zlibGunzip(file).toString()), rows(streamed), rows(strFromU8(gunzipSync(file)))];
console.log(`Node's zlib: ${found[0]} rows; fflate, streamed: ${found[1]} rows; fflate gunzipSync: ${found[2]} rows`);
if (found.join() !== '4,4,2') {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
