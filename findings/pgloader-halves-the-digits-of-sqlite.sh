#!/usr/bin/env bash
# pgloader 3.6.9 (Debian 12), from SQLite to Postgres 15: a REAL column becomes real, and 1234567.89 lands as 1234567.9.
#
# Usual guess: a program that moves a database into Postgres gives each column a type that holds its values. SQLite's REAL has 8 bytes, so it is double precision.
# What happens: the type is taken by its name, and real of Postgres has 4 bytes, some 7 digits. The values are in the COPY with all their digits, and
#   Postgres rounds them. A column that was declared DOUBLE or FLOAT becomes double precision, though it is the same in SQLite. The summary says 0 errors.
# What it costs: amounts above some 130,000 lose cents, Unix times become others by up to a minute, and the old database is switched off after the
#   counts of rows have been compared.
#
# Needs Debian 12's postgresql and python3, and package lists (apt-get update). Output seen:
#   in SQLite: total 1234567.89, seen 1706695200.25, copy 1234567.89
#   in Postgres: total 1.2345679e+06 (real), seen 1.7066952e+09 (real), copy 1234567.89 (double precision)
#   seen, in seconds of Postgres: 1706695200.25 is 1706695168
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)
[ -n "$bin" ] || { echo "This needs Debian's package postgresql." >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  as() { runuser -u postgres -- "$@"; }
  chown postgres "$folder"
fi
trap 'as "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
cd "$folder"
mkdir packages
cd packages
apt-get download -qq pgloader=3.6.9-1 libsybdb5 freetds-common 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
cd ..
as "$bin/initdb" -D "$folder/data" -U postgres -A trust >/dev/null
as "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/data/log" -o "-k $folder -c listen_addresses=" start >/dev/null
/usr/bin/python3 -c "
import sqlite3
db = sqlite3.connect('bills.db')
db.execute('CREATE TABLE bills (total REAL, seen REAL, copy DOUBLE)')
db.execute('INSERT INTO bills VALUES (1234567.89, 1706695200.25, 1234567.89)')
db.commit()
print('in SQLite: total %r, seen %r, copy %r' % db.execute('SELECT * FROM bills').fetchone())" >found
chmod 644 bills.db
LD_LIBRARY_PATH=$(echo "$folder"/packages/usr/lib/*-linux-gnu) packages/usr/bin/pgloader "sqlite://$folder/bills.db" \
  "pgsql://postgres@unix:$folder:5432/postgres" >log 2>&1
as "$bin/psql" -h "$folder" -U postgres -At >>found <<'SQL'
SELECT format('in Postgres: total %s (%s), seen %s (%s), copy %s (%s)', total, pg_typeof(total), seen, pg_typeof(seen), copy, pg_typeof(copy)) FROM bills;
SELECT format('seen, in seconds of Postgres: 1706695200.25 is %s', seen::double precision) FROM bills;
SQL
cat found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
in SQLite: total 1234567.89, seen 1706695200.25, copy 1234567.89
in Postgres: total 1.2345679e+06 (real), seen 1.7066952e+09 (real), copy 1234567.89 (double precision)
seen, in seconds of Postgres: 1706695200.25 is 1706695168
SEEN
