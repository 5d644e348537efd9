#!/usr/bin/env bash
# cbor-sync 1.0.4 and borc 3.0.0: a date that another CBOR library wrote is read as one of January 1970, and one is written as up to half a second later.
#
# Usual guess: a date is tag 1 of CBOR, seconds since 1970 (RFC 8949, 3.4.2), so libraries for CBOR give each other the same instant, and
#   each reads what it wrote.
# What happens: cbor-sync writes dates as text (tag 0), and reads the seconds of tag 1 as milliseconds: 2024 is 20 January 1970. borc rounds to
#   whole seconds, so that half past is the next one. cbor 10.0.12, cbor-x 1.6.8 and cbor2 2.3.0 are right among each other.
# What it costs: each due date and each expiry in a message or a cache is long past for the one, and events change their order with
#   the other. Types are right, nothing warns.
#
# Output seen (2024-01-01T00:00:00.500Z):
#   written by cbor: read by cbor-sync 1970-01-20T17:21:07.200Z, by cbor-x 2024-01-01T00:00:00.500Z
#   written by cbor-x: read by cbor-sync 1970-01-20T17:21:07.200Z, by cbor-x 2024-01-01T00:00:00.500Z
#   written by cbor2: read by cbor-sync 1970-01-20T17:21:07.200Z, by cbor-x 2024-01-01T00:00:00.500Z
#   written by borc: read by cbor-sync 1970-01-20T17:21:07.201Z, by cbor-x 2024-01-01T00:00:01.000Z
#   written by cbor-sync: read by cbor-sync 2024-01-01T00:00:00.500Z, by cbor-x 2024-01-01T00:00:00.500Z
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund --omit=optional cbor@10.0.12 cbor-x@1.6.8 cbor2@2.3.0 borc@3.0.0 cbor-sync@1.0.4

cat >main.js <<'JS'
import borc from 'borc';
import cbor from 'cbor';
import cborSync from 'cbor-sync';
import * as cborX from 'cbor-x';
import * as cbor2 from 'cbor2';

const date = new Date('2024-01-01T00:00:00.500Z');
const writers = { cbor: cbor.encode, 'cbor-x': cborX.encode, cbor2: cbor2.encode, borc: borc.encode, 'cbor-sync': cborSync.encode };
const lines = Object.entries(writers).map(([name, encode]) => {
  const bytes = Buffer.from(encode(date));
  const read = [cborSync.decode(bytes), cborX.decode(bytes)].map((value) => value.toISOString());
  return `written by ${name}: read by cbor-sync ${read[0]}, by cbor-x ${read[1]}`;
});
console.log(lines.join('\n'));
const of1970 = '1970-01-20T17:21:07.200Z';
const of2024 = date.toISOString();
const seen = (name, sync, x) => `written by ${name}: read by cbor-sync ${sync}, by cbor-x ${x}`;
const SEEN = [
  seen('cbor', of1970, of2024),
  seen('cbor-x', of1970, of2024),
  seen('cbor2', of1970, of2024),
  seen('borc', '1970-01-20T17:21:07.201Z', '2024-01-01T00:00:01.000Z'),
  seen('cbor-sync', of2024, of2024),
];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
