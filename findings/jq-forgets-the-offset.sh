#!/usr/bin/env bash
# jq 1.6 (Debian 12): a time with an offset, read with %z, becomes an instant as if the offset were not there.
#
# Usual guess: strptime reads the offset with %z, and mktime, which gives seconds since 1970, takes it into account. A text with another offset is another instant.
# What happens: the broken-down time has no place for an offset, so %z checks its form and drops it; mktime then takes the clock's time for one of UTC.
#   `date -d` of coreutils reads the same texts as the instants they are.
# What it costs: logs and exports of several sites are sorted wrongly and joined hours apart, and nothing says so. fromdate, which refuses what does not end in Z,
#   is safe.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen:
#   2024-07-01T12:00:00+0900: jq 1719835200, date 1719802800
#   2024-07-01T12:00:00-0500: jq 1719835200, date 1719853200
#   2024-07-01T12:00:00+0000: jq 1719835200, date 1719835200
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq jq libjq1 libonig5 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
for time in 2024-07-01T12:00:00+0900 2024-07-01T12:00:00-0500 2024-07-01T12:00:00+0000; do
  seconds=$(echo "\"$time\"" | LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu) TZ=UTC usr/bin/jq 'strptime("%Y-%m-%dT%H:%M:%S%z") | mktime')
  echo "$time: jq $seconds, date $(date -d "$time" +%s)"
done | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
2024-07-01T12:00:00+0900: jq 1719835200, date 1719802800
2024-07-01T12:00:00-0500: jq 1719835200, date 1719853200
2024-07-01T12:00:00+0000: jq 1719835200, date 1719835200
SEEN
