#!/usr/bin/env bash
# tableschema 1.12.6 (JavaScript): a datetime that ends in Z is read as local time, though Table Schema says UTC.
#
# Usual guess: a field of the type "datetime" without a format of its own is, as the standard says, ISO 8601 in UTC: YYYY-MM-DDThh:mm:ssZ.
#   Its value is that instant, wherever the program runs.
# What happens: the Z is only a letter that must be there. In Tokyo 2024-01-01T12:00:00Z is 03:00 UTC. A time that daylight saving leaves
#   out there is moved: in New York 02:30Z and 03:30Z of 10 March 2024 become one instant. Nothing warns.
# What it costs: a Data Package checked and loaded on a developer's machine has other instants than on a server in UTC, where all is right.
#
# Output seen (2024-03-10T02:30:00Z and 2024-03-10T03:30:00Z):
#   UTC: 2024-03-10T02:30:00.000Z, 2024-03-10T03:30:00.000Z
#   Asia/Tokyo: 2024-03-09T17:30:00.000Z, 2024-03-09T18:30:00.000Z
#   America/New_York: 2024-03-10T07:30:00.000Z, 2024-03-10T07:30:00.000Z
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund tableschema@1.12.6

cat >main.js <<'JS'
import { Schema } from 'tableschema';

const schema = await Schema.load({ fields: [{ name: 'at', type: 'datetime' }] });
const read = ['2024-03-10T02:30:00Z', '2024-03-10T03:30:00Z'].map((text) => schema.getField('at').castValue(text).toISOString());
console.log(`${process.env.TZ}: ${read.join(', ')}`);
JS
for zone in UTC Asia/Tokyo America/New_York; do TZ=$zone node main.js; done | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
UTC: 2024-03-10T02:30:00.000Z, 2024-03-10T03:30:00.000Z
Asia/Tokyo: 2024-03-09T17:30:00.000Z, 2024-03-09T18:30:00.000Z
America/New_York: 2024-03-10T07:30:00.000Z, 2024-03-10T07:30:00.000Z
SEEN
