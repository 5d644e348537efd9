#!/usr/bin/env bash
# Debian's tzdata 2025b, with Postgres of Debian 12, and Node 20.20.2: midnight of 1 July 1960 in Oslo is an hour earlier for one.
#
# Usual guess: two programs with the tz database of the same year agree on the local times of the past; only new rules differ for a while.
# What happens: since 2022 the tz database leaves out what zones had of their own before 1970, and makes Oslo a link to Berlin. Its
#   "backzone" still has it, and who builds the database decides. Debian takes it in, and Debian's Postgres reads Debian's files. Node's
#   ICU does not, and neither does PGlite 0.5.16, which has the files of Postgres itself. Norway had summer time from 1959 to 1965,
#   Germany had none. Amsterdam differs until 1940, Reykjavik until 1968, by up to an hour.
# What it costs: dates of birth that were kept as timestamptz at local midnight, as many programs do, are a day earlier where they are read.
#   A backup that moves from Debian's server to another does that without any change of data.
#
# Needs Debian 12's postgresql and tzdata. Output seen:
#   1960-07-01 00:00 in Oslo: Debian's Postgres 1960-06-30T22:00:00Z, PGlite 1960-06-30T23:00:00Z
#   1930-07-01 00:00 in Amsterdam: Debian's Postgres 1930-06-30T22:40:28Z, PGlite 1930-06-30T23:00:00Z
#   the first of Debian's, read by Node in Oslo: 1960-06-30 23:00:00
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)
[ -n "$bin" ] || { echo "This needs Debian's package postgresql." >&2; exit 2; }
folder=$(mktemp -d)
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  as() { runuser -u postgres -- "$@"; }
  chown postgres "$folder"
fi
trap 'as "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.16
as "$bin/initdb" -D "$folder/data" -U postgres -A trust >/dev/null
as "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/data/log" -o "-k $folder -c listen_addresses=" start >/dev/null

instant() {
  echo "SELECT to_char(timestamp '$2' AT TIME ZONE '$1' AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS at"
}
cat >pglite.js <<'JS'
import { PGlite } from '@electric-sql/pglite';

const db = await PGlite.create();
console.log((await db.query(process.argv[2])).rows[0].at);
JS
compare() {
  query=$(instant "$1" "$3")
  debian=$(as "$bin/psql" -h "$folder" -U postgres -Atc "$query")
  echo "$3 in $2: Debian's Postgres $debian, PGlite $(node pglite.js "$query")"
}
{
  compare Europe/Oslo Oslo '1960-07-01 00:00'
  oslo=$debian
  compare Europe/Amsterdam Amsterdam '1930-07-01 00:00'
  node -p "\`the first of Debian's, read by Node in Oslo: \${new Date('$oslo').toLocaleString('sv-SE', { timeZone: 'Europe/Oslo' })}\`"
} | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
1960-07-01 00:00 in Oslo: Debian's Postgres 1960-06-30T22:00:00Z, PGlite 1960-06-30T23:00:00Z
1930-07-01 00:00 in Amsterdam: Debian's Postgres 1930-06-30T22:40:28Z, PGlite 1930-06-30T23:00:00Z
the first of Debian's, read by Node in Oslo: 1960-06-30 23:00:00
SEEN
