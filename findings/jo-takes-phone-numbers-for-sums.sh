#!/usr/bin/env bash
# jo 1.9 (Debian 12): in JSON made in a shell, +491234567 loses its plus, 00501 its zeros, and a long id becomes 1.234567890123457e+16.
#
# Usual guess: jo makes a JSON number of what is one in JSON, and a text of all else. +49…, 00501, 0x1F and " 5" are none in JSON.
# What happens: what C's strtod reads to its end is a number, with blanks before it, a plus, leading zeros and hexadecimal digits. It is
#   printed as a double, with 16 digits at most. 2.50 is 2.5. Only `jo -- -s phone=…`, for each key, keeps a text.
# What it costs: a webhook or a request made by a shell script sends another phone number, another postal code or another id, depending on how the
#   value looks: the id 12a4 is a text, and 12e4 is 120000.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen:
#   {"phone":491234567,"zip":501,"id":1.234567890123457e+16,"price":2.5,"code":31,"part":120000,"other":"12a4"}
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq jo=1.9-1 2>/dev/null
dpkg -x jo_*.deb .

usr/bin/jo phone=+491234567 zip=00501 id=12345678901234567 price=2.50 code=0x1F part=12e4 other=12a4 | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
{"phone":491234567,"zip":501,"id":1.234567890123457e+16,"price":2.5,"code":31,"part":120000,"other":"12a4"}
SEEN
