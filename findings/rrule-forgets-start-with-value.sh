#!/usr/bin/env bash
# rrule 2.8.1: a rule whose start says its type, DTSTART;VALUE=DATE:20240101, loses the start and begins now.
#
# Usual guess: VALUE=DATE, which calendars write for events of whole days, and VALUE=DATE-TIME, the default written out, are read (RFC 5545, 3.2.20), or are an error.
# What happens: the line is looked for by a pattern that knows TZID only. Where it does not fit, no start is set, and the rule begins at the moment at
#   which it is read. It has another time of day, and other dates at each call. With VALUE after TZID there is an error. EXDATE;VALUE=DATE is read.
#   rrule-temporal 2.2.8 reads both of the examples.
# What it costs: a yearly fee, a birthday or a day of rent from a calendar's file is due on the day of the import. COUNT=12 gives twelve
#   dates of the future for a contract that ended.
#
# Output seen (FREQ=YEARLY;COUNT=2):
#   DTSTART:20240101: rrule 2024-01-01, 2025-01-01; rrule-temporal 2024-01-01, 2025-01-01
#   DTSTART;VALUE=DATE:20240101: rrule today, a year from today; rrule-temporal 2024-01-01, 2025-01-01
#   DTSTART;VALUE=DATE-TIME:20240101T090000Z: rrule today, a year from today; rrule-temporal 2024-01-01, 2025-01-01
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund rrule@2.8.1 rrule-temporal@2.2.8 temporal-polyfill@1.0.8

cat >main.cjs <<'JS'
const { rrulestr } = require('rrule');
const { RRuleTemporal } = require('rrule-temporal');

const today = new Date().toISOString().slice(0, 10);
const nextYear = `${Number(today.slice(0, 4)) + 1}${today.slice(4)}`;
const name = (date) => ({ [today]: 'today', [nextYear]: 'a year from today' })[date] ?? date;
const STARTS = ['DTSTART:20240101', 'DTSTART;VALUE=DATE:20240101', 'DTSTART;VALUE=DATE-TIME:20240101T090000Z'];
const lines = STARTS.map((start) => {
  const text = `${start}\nRRULE:FREQ=YEARLY;COUNT=2`;
  const rrule = rrulestr(text).all().map((date) => name(date.toISOString().slice(0, 10)));
  const temporal = new RRuleTemporal({ rruleString: text }).all().map((time) => name(time.toPlainDate().toString()));
  return `${start}: rrule ${rrule.join(', ')}; rrule-temporal ${temporal.join(', ')}`;
});
console.log(lines.join('\n'));
const RIGHT = '2024-01-01, 2025-01-01';
const SEEN = [RIGHT, 'today, a year from today', 'today, a year from today'];
if (lines.join() !== STARTS.map((start, at) => `${start}: rrule ${SEEN[at]}; rrule-temporal ${RIGHT}`).join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
TZ=UTC node main.cjs
