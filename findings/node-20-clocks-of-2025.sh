#!/usr/bin/env bash
# Node 20.20.2 (tz 2025c): since November 2026 it is an hour behind in Vancouver, Edmonton and Winnipeg; Node 22.23.5 and 24.22.3 are right.
#
# Usual guess: the last release of Node 20 has the rules of time zones of its year, and where they have changed since, it takes those of the system.
# What happens: Node has a tz database of its own, fixed when it was built. Node 20 ended in spring 2026 with that of 2025c. In autumn 2026
#   Morocco went to UTC for good (20 September), and British Columbia, Alberta, Manitoba and the Northwest Territories did not put their clocks back
#   (1 November), nor did Cuba this year. Newer lines of Node have 2026e, which lacks Cuba only. An updated tzdata of the system changes nothing.
# What it costs: a daily job or a shop's opening hours in Vancouver come an hour late, local times in files become instants an hour off, while
#   Postgres on the same machine, with Debian's tzdata 2026f, says otherwise. process.versions.tz tells which one has what.
#
# Output seen (local time at 2026-12-01T20:00Z):
#   moment-timezone, tz 2026f: Vancouver 13:00, Edmonton 14:00, Winnipeg 15:00, Casablanca 20:00, Havana 16:00
#   Node 20.20.2, tz 2025c: Vancouver 12:00, Edmonton 13:00, Winnipeg 14:00, Casablanca 21:00, Havana 15:00
#   Node 22.23.5, tz 2026e: Vancouver 13:00, Edmonton 14:00, Winnipeg 15:00, Casablanca 20:00, Havana 15:00
#   Node 24.22.3, tz 2026e: Vancouver 13:00, Edmonton 14:00, Winnipeg 15:00, Casablanca 20:00, Havana 15:00
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
case $(uname -m) in aarch64 | arm64) cpu=arm64 ;; *) cpu=x64 ;; esac
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund moment-timezone@0.6.6

cat >main.cjs <<'JS'
const ZONES = ['America/Vancouver', 'America/Edmonton', 'America/Winnipeg', 'Africa/Casablanca', 'America/Havana'];
const at = new Date('2026-12-01T20:00:00Z');
const show = (who, time) => console.log(`${who}: ${ZONES.map((zone) => `${zone.split('/')[1]} ${time(zone)}`).join(', ')}`);
if (process.argv[2] === 'moment') {
  const moment = require('moment-timezone');
  show(`moment-timezone, tz ${moment.tz.dataVersion}`, (zone) => moment.tz(at, zone).format('HH:mm'));
} else
  show(`Node ${process.versions.node}, tz ${process.versions.tz}`, (timeZone) =>
    at.toLocaleTimeString('sv', { timeZone, hour: '2-digit', minute: '2-digit' }),
  );
JS
{
  node main.cjs moment
  for version in 20.20.2 22.23.5 24.22.3; do
    mkdir "$version"
    echo '{ "private": true }' >"$version/package.json"
    npm install --prefix "$version" --silent --no-audit --no-fund "node-linux-$cpu@$version"
    "$version/node_modules/node-linux-$cpu/bin/node" main.cjs
  done
} | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
moment-timezone, tz 2026f: Vancouver 13:00, Edmonton 14:00, Winnipeg 15:00, Casablanca 20:00, Havana 16:00
Node 20.20.2, tz 2025c: Vancouver 12:00, Edmonton 13:00, Winnipeg 14:00, Casablanca 21:00, Havana 15:00
Node 22.23.5, tz 2026e: Vancouver 13:00, Edmonton 14:00, Winnipeg 15:00, Casablanca 20:00, Havana 15:00
Node 24.22.3, tz 2026e: Vancouver 13:00, Edmonton 14:00, Winnipeg 15:00, Casablanca 20:00, Havana 15:00
SEEN
