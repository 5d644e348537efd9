#!/usr/bin/env bash
# sprintf-js 1.1.3: %u, %x, %o and %b keep the last 32 bits, while %d has all digits: 5000000000 by %u is 705032704.
#
# Usual guess: %u is %d for what has no sign, and %x "yields an integer as a hexadecimal number", as its README says, and as toString(16) does up to 2^53.
# What happens: %d and %i print the whole number, %u, %x, %X, %o and %b what is left of it after >>> 0, as in a C program of 1990.
# What it costs: file sizes above 4 GiB, times in milliseconds and ids in hexadecimal are those of others: two keys that are made of times 4294967296 ms apart are
#   the same. The small numbers of a test are right.
#
# Output seen:
#   5000000000: %d 5000000000, %i 5000000000, %u 705032704, %x 2a05f200, toString(16) 12a05f200
#   keys of 1732924800123 and 1737219767419: 7a5dfc7b and 7a5dfc7b
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund sprintf-js@1.1.3

cat >main.cjs <<'JS'
const { sprintf } = require('sprintf-js');

const formats = ['%d', '%i', '%u', '%x'].map((format) => `${format} ${sprintf(format, 5e9)}`);
console.log(`${5e9}: ${formats.join(', ')}, toString(16) ${(5e9).toString(16)}`);
const times = [1732924800123, 1732924800123 + 2 ** 32];
console.log(`keys of ${times.join(' and ')}: ${times.map((time) => sprintf('%x', time)).join(' and ')}`);
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
5000000000: %d 5000000000, %i 5000000000, %u 705032704, %x 2a05f200, toString(16) 12a05f200
keys of 1732924800123 and 1737219767419: 7a5dfc7b and 7a5dfc7b
SEEN
