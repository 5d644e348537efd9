#!/usr/bin/env bash
# psqlODBC 13.02 with pyodbc 4.0.34 (Debian 12), on Postgres 15: a boolean column comes as texts, '1' and '0', and in Python `if row.paid` is true for both.
#
# Usual guess: a boolean is a bool, as with psycopg and with the ODBC drivers of other databases (SQL_BIT); what the driver cannot carry is an error.
# What happens: its option BoolsAsChar is on where nobody sets it, and the column is a text to ODBC. '0' is a text that is not empty, so it is true. What is written
#   as False lands as false. 'infinity' comes as the last second of 9999, a timestamptz as local time of the session without a zone, a uuid in capitals, which
#   equals no text of Postgres. BoolsAsChar=0 gives True and False.
# What it costs: each unpaid bill is paid, and each blocked user free, for a script that moves from psycopg to ODBC or reads by pandas and SQLAlchemy over
#   it. It raises no error, and WHERE NOT paid is right.
#
# Needs Debian 12's postgresql and its package lists (apt-get update). Output seen:
#   paid = true: '1', bool() True; paid = false: '0', bool() True
#   with BoolsAsChar=0: True, False
#   infinity: 9999-12-31 23:59:59; a uuid equals its text in Postgres: False
#   2024-01-31 12:00+00 with the time zone Asia/Tokyo: 2024-01-31 21:00:00, zone None
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
apt-get download -qq odbc-postgresql python3-pyodbc libodbc2 libodbcinst2 libltdl7 libpq5 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
cd ..
as "$bin/initdb" -D "$folder/data" -U postgres -A trust >/dev/null
as "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/data/log" -o "-k $folder -c listen_addresses=" start >/dev/null
libraries=$(echo "$folder"/packages/usr/lib/*-linux-gnu)

cat >main.py <<'PYTHON'
import sys
import pyodbc

folder, libraries = sys.argv[1:]

def first(query, options=''):
    connection = pyodbc.connect(f'Driver={libraries}/odbc/psqlodbcw.so;Server={folder};Database=postgres;UID=postgres{options}', autocommit=True)
    cursor = connection.cursor()
    cursor.execute("SET TIME ZONE 'Asia/Tokyo'")
    return cursor.execute(query).fetchone()

row = first('SELECT true, false')
print(f'paid = true: {row[0]!r}, bool() {bool(row[0])}; paid = false: {row[1]!r}, bool() {bool(row[1])}')
print('with BoolsAsChar=0: {}, {}'.format(*first('SELECT true, false', ';BoolsAsChar=0')))
ID = "'550e8400-e29b-41d4-a716-446655440000'::uuid"
[until, uuid, text, at] = first(f"SELECT 'infinity'::timestamp, {ID}, {ID}::text, timestamptz '2024-01-31 12:00+00'")
print(f'infinity: {until}; a uuid equals its text in Postgres: {uuid == text}')
print(f'2024-01-31 12:00+00 with the time zone Asia/Tokyo: {at}, zone {at.tzinfo}')
PYTHON
LD_LIBRARY_PATH=$libraries PYTHONPATH=$folder/packages/usr/lib/python3/dist-packages /usr/bin/python3 main.py "$folder" "$libraries" >found
cat found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
paid = true: '1', bool() True; paid = false: '0', bool() True
with BoolsAsChar=0: True, False
infinity: 9999-12-31 23:59:59; a uuid equals its text in Postgres: False
2024-01-31 12:00+00 with the time zone Asia/Tokyo: 2024-01-31 21:00:00, zone None
SEEN
