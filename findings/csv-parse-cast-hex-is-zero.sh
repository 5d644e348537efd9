#!/usr/bin/env bash
# csv-parse 7.0.3 with `cast: true`: a cell in hexadecimal, binary or octal notation becomes the number 0.
#
# Usual guess: what `cast` takes for a number becomes that number, as JavaScript reads it (Number('0x1F') is 31), and all else stays text.
# What happens: whether a cell is a number is asked of JavaScript's conversion, which knows `0x1F`, `0b101` and `0o17`; its value is then read by
#   parseFloat, which stops behind the first `0`. `1F` and `0x1G` stay text, and so does `1e400`.
# What it costs: each hash, address or device number of a column that begins with 0x is the same 0, in rows that look parsed. A unique key over
#   it clashes at the second row; without one nobody is told.
#
# Output seen:
#   0x1F is 0, 0b101 is 0, 0o17 is 0, 0x52908400098527886e0f7030069857d2e4169ee7 is 0
#   left as text: 1F, 0x1G, 1e400
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund csv-parse@7.0.3

cat >main.js <<'JS'
import { parse } from 'csv-parse/sync';

const ZERO = ['0x1F', '0b101', '0o17', '0x52908400098527886e0f7030069857d2e4169ee7'];
const TEXT = ['1F', '0x1G', '1e400'];
const cast = (cells) => parse(`${cells.join('\n')}\n`, { cast: true }).map(([cell]) => cell);

const zero = cast(ZERO);
const text = cast(TEXT);
console.log(zero.map((value, at) => `${ZERO[at]} is ${JSON.stringify(value)}`).join(', '));
console.log(`left as text: ${text.filter((value) => typeof value === 'string').join(', ')}`);
if (zero.some((value) => value !== 0) || text.some((value, at) => value !== TEXT[at])) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
