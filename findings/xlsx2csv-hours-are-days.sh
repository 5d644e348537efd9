#!/usr/bin/env bash
# xlsx2csv 0.7.8 (Debian 12), on a workbook of exceljs 4.4.0: 30:15 hours, in Excel's format [h]:mm, come out as 1.260417; 8:00 in h:mm is 08:00.
#
# Usual guess: as dates, times and 0.00 come out as the sheet shows them, so does the sum of hours under them.
# What happens: [h]:mm, which Excel itself offers for hours above 24, is not among the formats of times that it knows, so the number of days is printed, with six
#   decimals. 0.125 in 0.0% is 0.125 too, while 1234.5678 in 0.00 is rounded to 1234.57. Nothing warns, with the option that gives times a format too.
# What it costs: a program that takes the column for hours has 1.26 for 30.25: pay, machine time and delays are a twenty-fourth. A file in which each cell is below a
#   day and in h:mm is right.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen (h:mm of 8:00, [h]:mm of 8:00, [h]:mm of 30:15, [mm]:ss of 90:00, 0.0% of 12.5 %):
#   xlsx2csv: 08:00,0.333333,1.260417,0.0625,0.125
#   with --timeformat %H:%M: 08:00,0.333333,1.260417,0.0625,0.125
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund exceljs@4.4.0
apt-get download -qq xlsx2csv=1:0.7.8-1 2>/dev/null
dpkg -x xlsx2csv_*.deb .

cat >main.cjs <<'JS'
const { Workbook } = require('exceljs');

const CELLS = [
  ['h:mm', 8 / 24],
  ['[h]:mm', 8 / 24],
  ['[h]:mm', 30.25 / 24],
  ['[mm]:ss', 1.5 / 24],
  ['0.0%', 0.125],
];
const workbook = new Workbook();
const row = workbook.addWorksheet('Hours').addRow(CELLS.map(([, value]) => value));
for (const [index, [format]] of CELLS.entries()) row.getCell(index + 1).numFmt = format;
workbook.xlsx.writeFile('hours.xlsx');
JS
node main.cjs
{
  echo "xlsx2csv: $(/usr/bin/python3 usr/bin/xlsx2csv hours.xlsx)"
  echo "with --timeformat %H:%M: $(/usr/bin/python3 usr/bin/xlsx2csv --timeformat %H:%M hours.xlsx)"
} | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
xlsx2csv: 08:00,0.333333,1.260417,0.0625,0.125
with --timeformat %H:%M: 08:00,0.333333,1.260417,0.0625,0.125
SEEN
