#!/usr/bin/env bash
# Miller 6.6.0 (Debian 12): numbers with zeros in front are left out of sums and means, without a word: 0012, 0100 and 5 are 5 together.
#
# Usual guess: mlr stats1 -a sum adds 12, 100 and 5, as awk does, or says that a cell is no number.
# What happens: a whole number with a zero in front is a text, which its manual says of types. A sum passes over texts in silence, a mean divides by the
#   count of the others, and max is the text. count counts all. With a decimal point it is a number: 0001.50 is added. The flag -O makes
#   octal numbers of them; neither -A nor -S helps.
# What it costs: amounts in cents and quantities from fixed-width files of banks and mainframes, 0000012550, are missing in the totals. The
#   total that is left, of the cells that fill their width or have a point, looks like one.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen (0012, 0100, 5, 0001.50):
#   mlr: sum 6.5, mean 3.25, max 0100, count 4
#   mlr -O: sum 80.5
#   awk: sum 118.5
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq miller 2>/dev/null
dpkg -x miller_6.6.0-*.deb .
printf 'cents\n0012\n0100\n5\n0001.50\n' >file.csv
{
  usr/bin/mlr --icsv --onidx --ofs ' ' stats1 -a sum,mean,max,count -f cents file.csv | sed -E 's/(\S+) (\S+) (\S+) (\S+)/mlr: sum \1, mean \2, max \3, count \4/'
  echo "mlr -O: sum $(usr/bin/mlr -O --icsv --onidx stats1 -a sum -f cents file.csv)"
  echo "awk: sum $(awk 'NR > 1 { sum += $1 } END { print sum }' file.csv)"
} | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
mlr: sum 6.5, mean 3.25, max 0100, count 4
mlr -O: sum 80.5
awk: sum 118.5
SEEN
