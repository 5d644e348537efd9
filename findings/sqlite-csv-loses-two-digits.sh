#!/usr/bin/env bash
# sqlite3 3.40.1 (Debian 12): .mode csv writes doubles with 15 digits, so that a table comes back from its own CSV with other values; .dump keeps them.
#
# Usual guess: what the shell exports as CSV and imports again is the same table. .dump, .mode insert and .mode json write doubles so.
# What happens: .mode csv, as .mode list, prints what sqlite3_column_text gives: 15 significant digits, where a double needs 17. Large whole numbers in a REAL
#   column come in scientific notation, and the last digits are gone. In JSON the same value has a fraction that it does not have.
# What it costs: identifiers and amounts in minor units above 15 digits become others by the way of a CSV file, coordinates and rates do not compare equal any
#   more, and sums of the copy differ from those of the original.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen:
#   csv: 0.3 1234567890.12346 9.00719925474099e+15
#   equal after .import: 0 0 0
#   json: 0.3000000000000000444 1234567890.1234567165 9007199254740991.9999
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq sqlite3 libsqlite3-0 libreadline8 libtinfo6 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
sqlite() { LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu):$(echo "$folder"/lib/*-linux-gnu) usr/bin/sqlite3 "$@"; }
sqlite bills.db 'CREATE TABLE bills (at INTEGER, v REAL); INSERT INTO bills VALUES (1, 0.1 + 0.2), (2, 1234567890.1234567), (3, 9007199254740992)'
{
  sqlite -csv bills.db 'SELECT * FROM bills' >bills.csv
  echo "csv: $(cut -d, -f2 bills.csv | tr -d '\r' | paste -sd ' ')"
  sqlite bills.db 'CREATE TABLE copy (at INTEGER, v REAL)' '.mode csv' '.import bills.csv copy' >/dev/null
  echo "equal after .import: $(sqlite bills.db 'SELECT b.v = c.v FROM bills b JOIN copy c USING (at) ORDER BY at' | paste -sd ' ')"
  echo "json: $(sqlite -json bills.db 'SELECT v FROM bills' | grep -o '[0-9.]*[0-9]' | paste -sd ' ')"
} | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
csv: 0.3 1234567890.12346 9.00719925474099e+15
equal after .import: 0 0 0
json: 0.3000000000000000444 1234567890.1234567165 9007199254740991.9999
SEEN
