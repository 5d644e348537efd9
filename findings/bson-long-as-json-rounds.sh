#!/usr/bin/env bash
# bson 7.3.4 (MongoDB's): EJSON, the JSON that keeps types, rounds a 64-bit integer when it is written, and again when it is read.
#
# Usual guess: Extended JSON is there to carry what JSON cannot. EJSON.stringify writes a Long with all its digits, and EJSON.parse of
#   {"$numberLong":"9007199254740993"} gives that number, as a Long or BigInt.
# What happens: both are "relaxed" by default. stringify writes a Long as a double, 9007199254740992, and parse makes a number of a $numberLong, although
#   its digits are in the text. The relaxed format of the specification drops the type, but not digits. With { relaxed: false } all is right.
# What it costs: ids and amounts of a file of mongoexport, or of an export by EJSON, become their neighbours'. Nothing warns.
#
# Output seen:
#   parse $numberLong 9007199254740993: 9007199254740992, with relaxed false 9007199254740993
#   stringify Long 9007199254740993: {"id":9007199254740992}, with relaxed false {"id":{"$numberLong":"9007199254740993"}}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund bson@7.3.4

cat >main.js <<'JS'
import { EJSON, Long } from 'bson';

const ID = '9007199254740993';
const text = `{"id":{"$numberLong":"${ID}"}}`;
const document = { id: Long.fromString(ID) };
const STRICT = { relaxed: false };
const read = [EJSON.parse(text).id, EJSON.parse(text, STRICT).id].map(String);
const written = [EJSON.stringify(document), EJSON.stringify(document, STRICT)];
console.log(`parse $numberLong ${ID}: ${read[0]}, with relaxed false ${read[1]}`);
console.log(`stringify Long ${ID}: ${written[0]}, with relaxed false ${written[1]}`);
if (read.join() !== `9007199254740992,${ID}` || written[0] !== '{"id":9007199254740992}' || written[1] !== text) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
