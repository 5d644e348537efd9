#!/usr/bin/env bash
# pandas 1.5.3 (Debian 12): read_fwf finds the columns by the first 100 rows, and cuts what is wider below: 1234567890 is 567890.
#
# Usual guess: the width of the columns is found by the whole file, or by its heading; a row that does not fit is an error, or its cell is not a number.
# What happens: a column is as wide as its heading and its widest cell in 100 rows (infer_nrows). Of a number that is aligned to the right the digits in front are cut off, of one
#   that is aligned to the left those behind. What is left is a number, so the column keeps its type. Nothing warns.
# What it costs: amounts and ids of lists that are sorted, by size, by date or by a counter, are wrong from some row on, and are smaller by powers of ten. The
#   first screen, and a test with a short file, are right.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen (110 rows with ids and amounts from 0 to 109, then one of id 12345 and 1234567890):
#   read_fwf: id 12, amount 567890, columns int64
#   with infer_nrows=200: id 12345, amount 1234567890, columns int64
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq python3-pandas=1.5.3+dfsg-2 python3-pandas-lib python3-numpy python3-dateutil python3-tz python3-six libblas3 liblapack3 \
  libgfortran5 libgomp1 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
libraries=$(echo "$folder"/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH=$libraries:$libraries/blas:$libraries/lapack PYTHONPATH=$folder/usr/lib/python3/dist-packages

{
  echo 'id    item      amount'
  for row in $(seq 0 109); do printf '%-5s %-5s %10s\n' "$row" nail "$row"; done
  printf '%-5s %-5s %10s\n' 12345 nail 1234567890
} >list.txt
cat >main.py <<'PYTHON'
import pandas

for name, options in [('read_fwf', {}), ('with infer_nrows=200', {'infer_nrows': 200})]:
    table = pandas.read_fwf('list.txt', **options)
    last = table.iloc[-1]
    print(f"{name}: id {last['id']}, amount {last['amount']}, columns {table['amount'].dtype}")
PYTHON
/usr/bin/python3 main.py | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
read_fwf: id 12, amount 567890, columns int64
with infer_nrows=200: id 12345, amount 1234567890, columns int64
SEEN
