#!/usr/bin/env bash
# parse-duration 2.1.9, timestring 7.0.0 and human-interval 2.0.1: "1,5h" is 15 hours to two of them, "1,5 hours" one hour to the third.
#
# Usual guess: a decimal comma, as most of Europe writes it and ISO 8601 prefers it, is read or refused. Words that the README shows, such as "three", go with "a half".
# What happens: the first two take commas out, as if they were those of thousands; the third reads what stands behind the last sign that it does not
#   know, or before it. Its "three and a half days" are three days, and "a day" is no time at all.
# What it costs: a timeout, the life of a session or booked hours are ten times as long, or 0, which many a scheduler takes for "at once, and again".
#
# Output seen (hours):
#   parse-duration: 1.5h 1.5, 1,5h 15, 0,25h 25
#   timestring: 1.5h 1.5, 1,5h 15, 0,25h 25
#   human-interval: 1.5 hours 1.5, 1,5 hours 1, three and a half days 72, a day 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund parse-duration@2.1.9 timestring@7.0.0 human-interval@2.0.1

cat >main.js <<'JS'
import humanInterval from 'human-interval';
import parseDuration from 'parse-duration';
import timestring from 'timestring';

const show = (name, texts, hours) => console.log(`${name}: ${texts.map((text) => `${text} ${hours(text)}`).join(', ')}`);
show('parse-duration', ['1.5h', '1,5h', '0,25h'], (text) => parseDuration(text, 'h'));
show('timestring', ['1.5h', '1,5h', '0,25h'], (text) => timestring(text, 'h'));
show('human-interval', ['1.5 hours', '1,5 hours', 'three and a half days', 'a day'], (text) => humanInterval(text) / 3_600_000);
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
parse-duration: 1.5h 1.5, 1,5h 15, 0,25h 25
timestring: 1.5h 1.5, 1,5h 15, 0,25h 25
human-interval: 1.5 hours 1.5, 1,5 hours 1, three and a half days 72, a day 0
SEEN
