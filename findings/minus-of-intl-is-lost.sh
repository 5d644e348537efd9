#!/usr/bin/env bash
# currency.js 2.0.4 and accounting 0.4.1, on an amount that Intl wrote for Sweden, Norway or Finland: minus 1234.50 is read as plus.
#
# Usual guess: a library for amounts that is given the separators of a country reads what the language's own Intl.NumberFormat writes for it, or gives NaN.
# What happens: for a dozen of languages, sv, nb, fi, et, lt, hr and sl among them, Intl writes the minus as U+2212, as their rules want, not as the hyphen.
#   Both take out what is no digit, hyphen or separator, and the sign is gone. Danish and German have the hyphen, and are right. A minus at the
#   end, 1234.50-, as SAP writes it, is lost by accounting too, and is NaN in currency.js.
# What it costs: refunds and debts in an export of a Swedish program, or copied from a web page, are income. The sum is wrong by twice
#   their amount.
#
# Output seen (-1234.5 kr):
#   sv −1 234,50 kr: currency.js 1234.5, accounting 1234.5
#   nb −1 234,50 kr: currency.js 1234.5, accounting 1234.5
#   da -1.234,50 kr.: currency.js -1234.5, accounting -1234.5
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund currency.js@2.0.4 accounting@0.4.1

cat >main.js <<'JS'
import accounting from 'accounting';
import currency from 'currency.js';

const CURRENCIES = { sv: 'SEK', nb: 'NOK', da: 'DKK' };
const lines = [];
for (const [language, code] of Object.entries(CURRENCIES)) {
  const format = new Intl.NumberFormat(language, { style: 'currency', currency: code });
  const parts = Object.fromEntries(format.formatToParts(-1234.5).map(({ type, value }) => [type, value]));
  const text = format.format(-1234.5);
  const read = {
    'currency.js': currency(text, { separator: parts.group, decimal: parts.decimal }).value,
    accounting: accounting.unformat(text, parts.decimal),
  };
  lines.push(`${language} ${text.replace(/\s/g, ' ')}: ${Object.entries(read).map(([name, value]) => `${name} ${value}`).join(', ')}`);
}
console.log(lines.join('\n'));
const of = (value) => `currency.js ${value}, accounting ${value}`;
const SEEN = [`sv \u22121 234,50 kr: ${of(1234.5)}`, `nb \u22121 234,50 kr: ${of(1234.5)}`, `da -1.234,50 kr.: ${of(-1234.5)}`];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
