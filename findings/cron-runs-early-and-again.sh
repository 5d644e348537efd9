#!/usr/bin/env bash
# cron 4.4.0 (Node 20): in Lord Howe, on the day clocks are put forward by half an hour, a daily job runs twice, the first time too early.
#
# Usual guess: a library that stands on a library for dates (Luxon) has changes of half an hour right, and a daily job runs once a day.
# What happens: on 4 October 2026 clocks in Lord Howe go from 2:00 to 2:30. A job for 2:00 runs at 1:30 and again at 2:30, one for 2:15 at
#   1:45 and 2:45. An hourly job runs at 1:00, 1:30, 2:30. The gap is taken for one of an hour.
# What it costs: a bill, a mail or a report that goes out twice on that day.
#
# Output seen:
#   a daily job for 2:00 in Lord Howe: 2026-10-04 01:30, 2026-10-04 02:30, 2026-10-05 02:00
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund cron@4.4.0

cat >main.js <<'JS'
import { CronTime } from 'cron';

const zone = 'Australia/Lord_Howe';
const daily = new CronTime('0 0 2 * * *', zone);
const shown = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
const runs = [];
let at = new Date('2026-10-03T00:00:00Z');
for (let run = 0; run < 3; run++) {
  at = daily.getNextDateFrom(at, zone).toJSDate();
  runs.push(shown.format(at));
}
const text = runs.join(', ');
console.log(`a daily job for 2:00 in Lord Howe: ${text}`);
if (text !== '2026-10-04 01:30, 2026-10-04 02:30, 2026-10-05 02:00') {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
