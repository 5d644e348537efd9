#!/usr/bin/env bash
# yup 1.7.1, chrono-node 2.10.3 and dayjs 1.11.23, on times as Postgres writes them: half a second, .5, is 5 milliseconds.
#
# Usual guess: the digits behind the point are a fraction of a second, as ISO 8601 and RFC 3339 have it. .5 is 500 ms and .12 is 120 ms; to_jsonb and
#   casts to text of Postgres leave the zeros at the end away.
# What happens: these three take the digits for a number of milliseconds. yup and chrono-node do so with every time, dayjs with those that have no zone, as a
#   timestamp column gives them. Three digits come out right. Of six, as Python and Go write them, chrono-node reads no fraction and
#   no zone either: 12:00:00.123456Z is noon in the zone of the machine. luxon, date-fns, moment, spacetime, any-date-parser and Date are right.
# What it costs: each tenth time of a column that has milliseconds ends in a zero, and is up to 0.9 seconds too early. Events change their order, and two
#   copies of one event do not compare equal. A test that has 123 or 000 milliseconds passes.
#
# Output seen (milliseconds):
#   yup: .5Z 5, .12+00:00 12, .123Z 123
#   chrono-node: .5Z 5, .12+00:00 12, .123Z 123
#   dayjs: .5Z 500, .5 5, .12 12, .123456 123
#   luxon: .5Z 500, .12+00:00 120, .123Z 123
#   chrono-node in Tokyo, 12:00:00.123456Z: 03:00:00.000Z
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund yup@1.7.1 chrono-node@2.10.3 dayjs@1.11.23 luxon@3.7.2

cat >main.js <<'JS'
import { parseDate } from 'chrono-node';
import dayjs from 'dayjs';
import { DateTime } from 'luxon';
import { date } from 'yup';

const ZONED = ['.5Z', '.12+00:00', '.123Z'];
const READERS = {
  yup: [ZONED, (fraction) => date().cast(`2024-01-31T12:00:00${fraction}`)],
  'chrono-node': [ZONED, (fraction) => parseDate(`2024-01-31T12:00:00${fraction}`)],
  dayjs: [['.5Z', '.5', '.12', '.123456'], (fraction) => dayjs(`2024-01-31 12:00:00${fraction}`).toDate()],
  luxon: [ZONED, (fraction) => DateTime.fromISO(`2024-01-31T12:00:00${fraction}`).toJSDate()],
};
for (const [name, [fractions, read]] of Object.entries(READERS))
  console.log(`${name}: ${fractions.map((fraction) => `${fraction} ${read(fraction).getUTCMilliseconds()}`).join(', ')}`);
process.env.TZ = 'Asia/Tokyo';
const micro = parseDate('2024-01-31T12:00:00.123456Z');
console.log(`chrono-node in Tokyo, 12:00:00.123456Z: ${micro.toISOString().slice(11)}`);
JS
TZ=UTC node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
yup: .5Z 5, .12+00:00 12, .123Z 123
chrono-node: .5Z 5, .12+00:00 12, .123Z 123
dayjs: .5Z 500, .5 5, .12 12, .123456 123
luxon: .5Z 500, .12+00:00 120, .123Z 123
chrono-node in Tokyo, 12:00:00.123456Z: 03:00:00.000Z
SEEN
