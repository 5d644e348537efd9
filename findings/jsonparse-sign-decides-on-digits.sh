#!/usr/bin/env bash
# jsonparse 1.3.1 (which JSONStream 1.3.5 is made of): a long number keeps its digits when it is positive, and loses them when it is negative.
#
# Usual guess: a parser of JSON gives each number as a double, as JSON.parse does, or keeps each that a double cannot hold as text.
# What happens: 9007199254740993 comes as text with all its digits, and -9007199254740993 as the number …992. The check whether the text is all
#   digits knows no sign, and no decimal point either: 9007199254740993.0 is rounded. Nothing warns.
# What it costs: whoever has tried a long id, and seen that its digits are kept, loses them in balances, refunds and coordinates in
#   nanodegrees that are below zero. In one column there are texts and numbers, so that sums become texts.
#
# Output seen:
#   9007199254740993: string 9007199254740993
#   -9007199254740993: number -9007199254740992
#   9007199254740993.0: number 9007199254740992
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund JSONStream@1.3.5 jsonparse@1.3.1

cat >main.js <<'JS'
import JSONStream from 'JSONStream';

const NUMBERS = ['9007199254740993', '-9007199254740993', '9007199254740993.0'];
const values = [];
const parser = JSONStream.parse('*');
parser.on('data', (value) => values.push(value));
parser.end(`[${NUMBERS.join()}]`);
const lines = NUMBERS.map((text, at) => `${text}: ${typeof values[at]} ${values[at]}`);
console.log(lines.join('\n'));
const SEEN = ['string 9007199254740993', 'number -9007199254740992', 'number 9007199254740992'];
if (values.map((value) => `${typeof value} ${value}`).join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
