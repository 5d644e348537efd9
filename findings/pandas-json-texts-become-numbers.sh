#!/usr/bin/env bash
# pandas 1.5.3 (Debian 12): read_json makes numbers of the texts in a JSON file, and rounds them: "00501" is 501, and "9007199254740993" is 9007199254740992.
#
# Usual guess: JSON has types, so a text stays a text. That is why ids above 2^53 are sent in quotes.
# What happens: a column whose texts all look like numbers becomes one of numbers, by way of a double, so that long ids in quotes are rounded. "1.10" is 1.1, and
#   +4712345678 loses its plus. to_json writes ten decimals, 1.5e-11 as 0.0, and times in milliseconds, so that a table does not come
#   back from its own JSON. One text that is no number, in any row, leaves the whole column as it was. dtype=False leaves texts alone.
# What it costs: ids become their neighbours', postal codes and versions lose digits, by the very step that was taken to save them, and not in files in which one
#   other value stands.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen:
#   read_json: {"zip":501,"id":9007199254740992,"version":1.1,"phone":4712345678}
#   with a row more: {"zip":"00501","id":"9007199254740993","version":"1.10","phone":"+4712345678"}
#   to_json: [{"zip":"00501","rate":0.0,"at":1706702400123}]
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

cat >main.py <<'PYTHON'
import json
import pandas

ROW = {'zip': '00501', 'id': '9007199254740993', 'version': '1.10', 'phone': '+4712345678'}
OTHER = {name: 'none' for name in ROW}
for name, rows in [('read_json', [ROW]), ('with a row more', [ROW, OTHER])]:
    first = pandas.read_json(json.dumps(rows)).iloc[0].to_dict()
    read = {name: value.item() if hasattr(value, 'item') else value for name, value in first.items()}
    read = {name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in read.items()}
    print(f"{name}: {json.dumps(read, separators=(',', ':'))}")
table = pandas.DataFrame({'zip': ['00501'], 'rate': [1.5e-11], 'at': pandas.to_datetime(['2024-01-31 12:00:00.123456'])})
print(f"to_json: {table.to_json(orient='records')}")
PYTHON
/usr/bin/python3 main.py | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
read_json: {"zip":501,"id":9007199254740992,"version":1.1,"phone":4712345678}
with a row more: {"zip":"00501","id":"9007199254740993","version":"1.10","phone":"+4712345678"}
to_json: [{"zip":"00501","rate":0.0,"at":1706702400123}]
SEEN
