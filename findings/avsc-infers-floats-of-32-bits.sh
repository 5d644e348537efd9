#!/usr/bin/env bash
# avsc 5.7.9 (Avro): the type that it infers for a number is a float of 32 bits, so that 3000000001 comes back as 3000000000 and 1234567.89 as 1234567.875.
#
# Usual guess: Type.forValue gives a type that holds the value: int and long for whole numbers, double for others, since a number of JavaScript is a double.
# What happens: whole numbers of 32 bits are "int", and all others up to 2^53, whole or not, are "float"; only what is larger is "double". type.isValid(value) is
#   true, and what type.toBuffer writes has seven digits. An array with one such number in it has items of "float".
# What it costs: the example in its documentation is to infer a schema from a message. Ids above 2^31, times in milliseconds (up to a minute off) and
#   amounts are others behind the topic, and no step raises an error. Small ids and counts of the test are right.
#
# Output seen:
#   {"id":"float","at":"float","price":"float","count":"int"}, valid: true
#   written {"id":3000000001,"at":1732924800123,"price":1234567.89,"count":5}
#   read {"id":3000000000,"at":1732924801024,"price":1234567.875,"count":5}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund avsc@5.7.9

cat >main.js <<'JS'
import avro from 'avsc';

const value = { id: 3000000001, at: 1732924800123, price: 1234567.89, count: 5 };
const type = avro.Type.forValue(value);
const types = Object.fromEntries(type.fields.map((field) => [field.name, field.type.typeName]));
console.log(`${JSON.stringify(types)}, valid: ${type.isValid(value)}`);
console.log(`written ${JSON.stringify(value)}`);
console.log(`read ${JSON.stringify(type.fromBuffer(type.toBuffer(value)))}`);
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
{"id":"float","at":"float","price":"float","count":"int"}, valid: true
written {"id":3000000001,"at":1732924800123,"price":1234567.89,"count":5}
read {"id":3000000000,"at":1732924801024,"price":1234567.875,"count":5}
SEEN
