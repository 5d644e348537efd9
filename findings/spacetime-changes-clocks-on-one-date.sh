#!/usr/bin/env bash
# spacetime 7.15.0: it changes clocks on the same calendar dates each year, and gives some days of other years another hour.
#
# Usual guess: a library for times in zones has the rule (in Europe the last Sunday of March and of October), or the dates of each year.
# What happens: for each zone it has one pair of dates, and takes them for all years. Berlin at noon on 28 October 2023 is at +01:00, a day before clocks
#   were put back; New York on 1 November 2025 too. What zones have given up or moved since is not there at all: Moscow of 2014 is an hour behind,
#   as are the summers of São Paulo until 2019. Intl, in the same program, is right. The README says so
#   of historical dates, and last autumn is one. Nothing warns.
# What it costs: local times of a file, in days around a change and only in some years, become instants an hour off, and a second run next
#   year, with a newer release, makes others of them.
#
# Output seen (at 12:00 UTC):
#   Europe/Berlin 2023-10-28: spacetime +01:00, Intl +02:00
#   America/New_York 2025-11-01: spacetime -05:00, Intl -04:00
#   Europe/Moscow 2014-09-01: spacetime +03:00, Intl +04:00
#   America/Sao_Paulo 2019-01-15: spacetime -03:00, Intl -02:00
#   days of 2015 to 2025 with another offset than Intl: Berlin 52, New York 64, London 52
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund spacetime@7.15.0

cat >main.js <<'JS'
import spacetime from 'spacetime';

const DAY = 86_400_000;
const formats = {};
function byIntl(at, timeZone) {
  formats[timeZone] ??= new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const name = formats[timeZone].formatToParts(at).find(({ type }) => type === 'timeZoneName').value;
  return name.slice(3) || '+00:00';
}
const bySpacetime = (at, zone) => spacetime(at, zone).format('iso').slice(23).replace('Z', '+00:00');
const CASES = [
  ['Europe/Berlin', '2023-10-28'],
  ['America/New_York', '2025-11-01'],
  ['Europe/Moscow', '2014-09-01'],
  ['America/Sao_Paulo', '2019-01-15'],
];
const lines = CASES.map(([zone, date]) => {
  const at = Date.parse(`${date}T12:00:00Z`);
  return `${zone} ${date}: spacetime ${bySpacetime(at, zone)}, Intl ${byIntl(at, zone)}`;
});
const days = ['Europe/Berlin', 'America/New_York', 'Europe/London'].map((zone) => {
  let other = 0;
  for (let at = Date.UTC(2015, 0, 1, 12); at < Date.UTC(2026, 0, 1); at += DAY) if (bySpacetime(at, zone) !== byIntl(at, zone)) other++;
  return `${zone.split('/')[1].replace('_', ' ')} ${other}`;
});
lines.push(`days of 2015 to 2025 with another offset than Intl: ${days.join(', ')}`);
console.log(lines.join('\n'));
const SEEN = [
  'Europe/Berlin 2023-10-28: spacetime +01:00, Intl +02:00',
  'America/New_York 2025-11-01: spacetime -05:00, Intl -04:00',
  'Europe/Moscow 2014-09-01: spacetime +03:00, Intl +04:00',
  'America/Sao_Paulo 2019-01-15: spacetime -03:00, Intl -02:00',
  'days of 2015 to 2025 with another offset than Intl: Berlin 52, New York 64, London 52',
];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
