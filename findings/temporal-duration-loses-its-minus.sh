#!/usr/bin/env bash
# dayjs 1.11.23 and iso8601-duration 2.1.4, on a duration of Temporal: minus an hour and a half is read as an hour and a half.
#
# Usual guess: a duration that Temporal writes is read by each library for ISO 8601, and one that does not know its sign raises an error.
# What happens: Temporal writes -PT1H30M, with the sign before the P, as ISO 8601-2 has it; moment and tinyduration do so too. dayjs and iso8601-duration
#   take the text and leave out the sign. luxon writes the other form, PT-1H-30M: dayjs reads that, iso8601-duration refuses it. Of PT0,5S,
#   with the comma that ISO 8601 allows and duration-fns writes, dayjs makes 0.
# What it costs: hours that were corrected, time over a limit, a reminder before an event: what is to be taken off is added, or shorter than a
#   second is nothing.
#
# Output seen (seconds):
#   -PT1H30M by Temporal: luxon -5400, moment -5400, tinyduration -5400, dayjs 5400, iso8601-duration 5400
#   PT0,5S by duration-fns: luxon 0.5, moment 0.5, tinyduration 0.5, dayjs 0, iso8601-duration 0.5
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund temporal-polyfill@1.0.8 dayjs@1.11.23 iso8601-duration@2.1.4 luxon@3.7.2 moment@2.31.0 tinyduration@3.4.1 duration-fns@3.0.2

cat >main.js <<'JS'
import dayjs from 'dayjs';
import duration from 'dayjs/plugin/duration.js';
import { toString } from 'duration-fns';
import { parse, toSeconds } from 'iso8601-duration';
import { Duration } from 'luxon';
import moment from 'moment';
import { Temporal } from 'temporal-polyfill';
import * as tinyduration from 'tinyduration';

dayjs.extend(duration);
const tiny = ({ hours = 0, minutes = 0, seconds = 0, negative }) => (negative ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
const READERS = {
  luxon: (text) => Duration.fromISO(text).as('seconds'),
  moment: (text) => moment.duration(text).asSeconds(),
  tinyduration: (text) => tiny(tinyduration.parse(text)),
  dayjs: (text) => dayjs.duration(text).asSeconds(),
  'iso8601-duration': (text) => toSeconds(parse(text)),
};
const WRITTEN = {
  Temporal: Temporal.Duration.from({ hours: -1, minutes: -30 }).toString(),
  'duration-fns': toString({ milliseconds: 500 }),
};
const lines = Object.entries(WRITTEN).map(
  ([name, text]) => `${text} by ${name}: ${Object.entries(READERS).map(([reader, read]) => `${reader} ${read(text)}`).join(', ')}`,
);
console.log(lines.join('\n'));
const SEEN = [
  '-PT1H30M by Temporal: luxon -5400, moment -5400, tinyduration -5400, dayjs 5400, iso8601-duration 5400',
  'PT0,5S by duration-fns: luxon 0.5, moment 0.5, tinyduration 0.5, dayjs 0, iso8601-duration 0.5',
];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
