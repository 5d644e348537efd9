#!/usr/bin/env bash
# csvkit 1.0.7 with agate 1.6.3 (Debian 12): csvsort, which is to sort lines, also writes other values into their cells.
#
# Usual guess: sorting puts the same lines into another order. Types, which it finds for the order, do not change what is written.
# What happens: csvsort writes each cell from the type that it found for its column. The signs of currencies are taken off, so that dollars, euros and
#   pounds are one number, and so is the % sign. 9:30 is a time span of minutes and seconds, 0:09:30. A decimal comma is a comma of thousands: 1,5 is 15.
#   0049 is 49, 1_000 is 1000. "none", "n/a" and "." are empty. csvjson and csvsql find types in the same way.
# What it costs: opening hours, postal codes, German amounts and the currency are lost in a step that nobody reads twice. The option
#   --no-inference leaves cells alone, and then sorts numbers as text.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen:
#   id,price,opens,weight,code,unit,sold,note
#   1,5.00,0:09:30,15,49,1000,12,
#   2,7.00,0:17:45,27,7,12,7.5,
#   3,8.00,0:25:00,3,12,7,100,
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq csvkit=1.0.7-1 python3-csvkit=1.0.7-1 python3-agate=1.6.3-2 python3-agateexcel python3-agatesql python3-agatedbf python3-babel \
  python-babel-localedata python3-isodate python3-leather python3-parsedatetime python3-pytimeparse python3-slugify python3-text-unidecode \
  python3-unidecode python3-six python3-tz python3-future 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done

cat >prices.csv <<'CSV'
id,price,opens,weight,code,unit,sold,note
2,€7.00,17:45,"2,7",0007,12,7.5%,n/a
1,$5.00,9:30,"1,5",0049,1_000,12%,none
3,£8.00,25:00,3,0012,7,100%,.
CSV
PYTHONPATH=$folder/usr/lib/python3/dist-packages /usr/bin/python3 usr/bin/csvsort -c id prices.csv | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
id,price,opens,weight,code,unit,sold,note
1,5.00,0:09:30,15,49,1000,12,
2,7.00,0:17:45,27,7,12,7.5,
3,8.00,0:25:00,3,12,7,100,
SEEN
