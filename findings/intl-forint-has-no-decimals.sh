#!/usr/bin/env bash
# Node 20.20.2, 22.23.5, 24.22.3 and 26.12.1 (CLDR 48): forint, rupiah and Colombian pesos have no decimals in Intl; Node 20.19.5 and 22.20.0 (CLDR 47) gave them two.
#
# Usual guess: the decimals of a currency in Intl are those of ISO 4217, as ECMA-402 says of CurrencyDigits and MDN of maximumFractionDigits. They change when a
#   currency does, not within Node 20. So maximumFractionDigits, the exponent in many a helper for minor units, is 2 for HUF.
# What happens: V8 takes them from CLDR, which has what people write, not what banks count. CLDR 48 made them 0 for HUF, IDR, COP and PKR, and 2 for the Serbian
#   dinar, which had 0 before. A small update of Node brings it. Formats round: 1234.56 is HUF 1,235. ALL, LBP and IQD are still other than in ISO 4217.
# What it costs: 123456 minor units of forint, divided by 10 ** digits, were 1234.56 and are 123456, a hundred times as much; the amount that is sent to a
#   payment service becomes a hundredth. Two servers, one updated, disagree.
#
# Output seen:
#   Node 20.19.5: HUF 2 IDR 2 COP 2 PKR 2 RSD 0 ALL 0 LBP 0 IQD 0, HUF 1,234.56, 123456 minor units are 1234.56
#   Node 22.20.0: HUF 2 IDR 2 COP 2 PKR 2 RSD 0 ALL 0 LBP 0 IQD 0, HUF 1,234.56, 123456 minor units are 1234.56
#   Node 20.20.2: HUF 0 IDR 0 COP 0 PKR 0 RSD 2 ALL 0 LBP 0 IQD 0, HUF 1,235, 123456 minor units are 123456
#   Node 22.23.5: HUF 0 IDR 0 COP 0 PKR 0 RSD 2 ALL 0 LBP 0 IQD 0, HUF 1,235, 123456 minor units are 123456
#   Node 24.22.3: HUF 0 IDR 0 COP 0 PKR 0 RSD 2 ALL 0 LBP 0 IQD 0, HUF 1,235, 123456 minor units are 123456
#   Node 26.12.1: HUF 0 IDR 0 COP 0 PKR 0 RSD 2 ALL 0 LBP 0 IQD 0, HUF 1,235, 123456 minor units are 123456
#   ISO 4217 by currency-codes 2.2.0: HUF 2 IDR 2 COP 2 PKR 2 RSD 2 ALL 2 LBP 2 IQD 3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
case $(uname -m) in aarch64 | arm64) cpu=arm64 ;; *) cpu=x64 ;; esac
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund currency-codes@2.2.0

cat >main.cjs <<'JS'
const CURRENCIES = ['HUF', 'IDR', 'COP', 'PKR', 'RSD', 'ALL', 'LBP', 'IQD'];
const money = (currency) => new Intl.NumberFormat('en', { style: 'currency', currency });
const digits = (currency) => money(currency).resolvedOptions().maximumFractionDigits;
const list = (of) => CURRENCIES.map((currency) => `${currency} ${of(currency)}`).join(' ');
if (process.argv[2] === 'iso') console.log(`ISO 4217 by currency-codes 2.2.0: ${list((currency) => require('currency-codes').code(currency).digits)}`);
else {
  const forint = money('HUF').format(1234.56).replace('\u00a0', ' ');
  console.log(`Node ${process.versions.node}: ${list(digits)}, ${forint}, 123456 minor units are ${123456 / 10 ** digits('HUF')}`);
}
JS
{
  for version in 20.19.5 22.20.0 20.20.2 22.23.5 24.22.3 26.12.1; do
    mkdir "$version"
    echo '{ "private": true }' >"$version/package.json"
    npm install --prefix "$version" --silent --no-audit --no-fund "node-linux-$cpu@$version"
    "$version/node_modules/node-linux-$cpu/bin/node" main.cjs
  done
  node main.cjs iso
} | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
Node 20.19.5: HUF 2 IDR 2 COP 2 PKR 2 RSD 0 ALL 0 LBP 0 IQD 0, HUF 1,234.56, 123456 minor units are 1234.56
Node 22.20.0: HUF 2 IDR 2 COP 2 PKR 2 RSD 0 ALL 0 LBP 0 IQD 0, HUF 1,234.56, 123456 minor units are 1234.56
Node 20.20.2: HUF 0 IDR 0 COP 0 PKR 0 RSD 2 ALL 0 LBP 0 IQD 0, HUF 1,235, 123456 minor units are 123456
Node 22.23.5: HUF 0 IDR 0 COP 0 PKR 0 RSD 2 ALL 0 LBP 0 IQD 0, HUF 1,235, 123456 minor units are 123456
Node 24.22.3: HUF 0 IDR 0 COP 0 PKR 0 RSD 2 ALL 0 LBP 0 IQD 0, HUF 1,235, 123456 minor units are 123456
Node 26.12.1: HUF 0 IDR 0 COP 0 PKR 0 RSD 2 ALL 0 LBP 0 IQD 0, HUF 1,235, 123456 minor units are 123456
ISO 4217 by currency-codes 2.2.0: HUF 2 IDR 2 COP 2 PKR 2 RSD 2 ALL 2 LBP 2 IQD 3
SEEN
