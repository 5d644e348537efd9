#!/usr/bin/env bash
# GNU datamash 1.7 (Debian 12): sums and maxima have 14 digits, so that two files with other amounts have the same control total.
#
# Usual guess: a program that is there to add up columns prints the digits that it has, and of a whole number all.
# What happens: results are printed with 14 significant digits. 123456789012.34 and 0.05 are 123456789012.39, which fits; ten times as much
#   loses its last cent. max of a 16-digit number is 9.007199254741e+15, not one of the numbers in the file. The option --format='%.2f' gives
#   the right sum. unique and first, which take cells as text, have all digits.
# What it costs: the total that is sent along with a file, to prove that nothing was lost on the way, proves it also when cents are missing,
#   and the highest id, from which the next import goes on, is another one.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen:
#   1234567890123.40 and 0.07: sum 1234567890123.5, with --format '%.2f' 1234567890123.47
#   1234567890123.40 and 0.09: sum 1234567890123.5, with --format '%.2f' 1234567890123.49
#   9007199254740993 and 9007199254740991: max 9.007199254741e+15
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq datamash=1.7-2 2>/dev/null
dpkg -x datamash_*.deb .

datamash() { printf '%s\n' "$first" "$second" | LC_ALL=C usr/bin/datamash "$@"; }
{
  for second in 0.07 0.09; do
    first=1234567890123.40
    echo "$first and $second: sum $(datamash sum 1), with --format '%.2f' $(datamash --format '%.2f' sum 1)"
  done
  first=9007199254740993 second=9007199254740991
  echo "$first and $second: max $(datamash max 1)"
} | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
1234567890123.40 and 0.07: sum 1234567890123.5, with --format '%.2f' 1234567890123.47
1234567890123.40 and 0.09: sum 1234567890123.5, with --format '%.2f' 1234567890123.49
9007199254740993 and 9007199254740991: max 9.007199254741e+15
SEEN
