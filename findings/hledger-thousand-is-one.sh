#!/usr/bin/env bash
# hledger 1.25, ledger 3.3.0 and beancount 2.3.5 (Debian 12), on one journal: a rent of $1,000 is $1,000.00 for two of them and $1.00 for hledger.
#
# Usual guess: hledger, which reads the files of ledger, has the same amounts. A comma with three digits behind it, beside a dollar sign and in a journal
#   with $1,234.50 in it, is a comma of thousands.
# What happens: where a number has one mark only, hledger takes it for the decimal mark, each number for itself: $1,000 is one dollar. Other amounts of the
#   commodity do not help, only a commodity or decimal-mark directive does. The report prints 1,000 for it, as the reader wrote it, until something is
#   added. Its reader of CSV files does the same: $4,000 less $1 is $3,000, three dollars. ledger and beancount read 1000.
# What it costs: round amounts of a bank or of an old journal become a thousandth, and those with cents are right, in one balance. Each transaction balances.
#
# Needs Debian 12 and its package lists (apt-get update). Output seen (rents of $1,000 and $1,234.50):
#   hledger: $1,235.500
#   hledger, 4,000 less 1 in a CSV file: $3,000
#   ledger: $2,234.50
#   beancount: 2234.50 USD
set -euo pipefail
grep -q 'VERSION_ID="12"' /etc/os-release || { echo 'This needs Debian 12.' >&2; exit 2; }
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq hledger ledger=3.3.0-3 python3-beancount libboost-filesystem1.74.0 libboost-iostreams1.74.0 libboost-python1.74.0 \
  libboost-regex1.74.0 libpython3.11 libicu72 libmpfr6 python3-ply python3-dateutil python3-six python3-lxml python3-bs4 python3-chardet \
  python3-magic python3-bottle 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$(echo "$folder"/usr/lib/*-linux-gnu):$folder/usr/lib/ledger PYTHONPATH=$folder/usr/lib/python3/dist-packages LC_ALL=C.UTF-8

cat >rents.journal <<'JOURNAL'
2024-01-31 * "Rent"
  Expenses:Rent   $1,000
  Assets:Bank

2024-02-29 * "Rent"
  Expenses:Rent   $1,234.50
  Assets:Bank
JOURNAL
printf '2024-01-31,Salary,"4,000"\n2024-01-31,Fee,-1\n' >bank.csv
printf 'fields date,description,amount\ncurrency $\naccount1 Assets:Bank\naccount2 Other\n' >bank.csv.rules
{
  echo '2024-01-01 open Expenses:Rent
2024-01-01 open Assets:Bank'
  sed -E 's/\$([0-9,.]+)/\1 USD/' rents.journal
} >rents.beancount
{
  echo "hledger: $(usr/bin/hledger -f rents.journal balance --format '%(total)' -N Expenses | tr -d ' ')"
  echo "hledger, 4,000 less 1 in a CSV file: $(usr/bin/hledger -f bank.csv balance --format '%(total)' -N Assets | tr -d ' ')"
  echo "ledger: $(usr/bin/ledger -f rents.journal balance --format '%(display_total)\n' Expenses | tr -d ' ')"
  /usr/bin/python3 -c "
from beancount import loader
from beancount.core import data, realization
entries, errors, _ = loader.load_file('rents.beancount')
assert not errors
print('beancount:', str(realization.get(realization.realize(entries), 'Expenses:Rent').balance).strip('()'))"
} | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
hledger: $1,235.500
hledger, 4,000 less 1 in a CSV file: $3,000
ledger: $2,234.50
beancount: 2234.50 USD
SEEN
