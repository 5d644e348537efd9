#!/usr/bin/env bash
# mt940js 1.3.5, mt940-js 1.0.0, swiftmessageparser 1.2.1 and @centrapay/swift-parser 1.0.1: what was booked on 31 December is booked a year later.
#
# Usual guess: a reader of bank statements (SWIFT MT940) gets the booking date of an entry right, also at the turn of the year, and the sign of a reversal.
# What happens: in field :61: the value date has a year, 240102, and the booking date only month and day, 1231. All four put the year of the value date
#   before it: booked 2024-12-31 with a value of 2024-01-02, and 2023-01-02 with a value of 2023-12-31. mt940-js also takes RC, the
#   reversal of a credit, for a credit, and RD for a debit, and has no field that tells. The others give these the right sign.
# What it costs: income of 2023 is in the books of 2024, or of next month, in each statement around New Year. With mt940-js a payment that the
#   bank took back is there twice.
#
# Output seen (value date/booking date):
#   mt940js: 2024-01-02/2024-12-31 5, 2023-12-31/2023-01-02 -2, reversal of a credit of 100: -100
#   mt940-js: 2024-01-02/2024-12-31 5, 2023-12-31/2023-01-02 -2, reversal of a credit of 100: 100
#   swiftmessageparser: 2024-01-02/2024-12-31 5, 2023-12-31/2023-01-02 -2, reversal of a credit of 100: -100
#   @centrapay/swift-parser: 2024-01-02/2024-12-31 5, 2023-12-31/2023-01-02 -2, reversal of a credit of 100: -100
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund mt940js@1.3.5 mt940-js@1.0.0 tslib@2.8.1 swiftmessageparser@1.2.1 @centrapay/swift-parser@1.0.1

cat >main.cjs <<'JS'
const { read } = require('mt940-js');
const { Parser } = require('mt940js');

const STATEMENT = `:20:STATEMENT
:25:10020030/1234567
:28C:00001/001
:60F:C231230EUR1000,00
:61:2401021231C5,00NTRFNONREF//B1
:86:booked on the last day of the year
:61:2312310102D2,00NTRFNONREF//B2
:86:booked in the new year
:61:2401030103RC100,00NTRFNONREF//B3
:86:a credit that is taken back
:62F:C240103EUR903,00
-
`;
const day = (date) => (date instanceof Date ? date.toISOString() : date).slice(0, 10);
const swift = (name) => require(name).parse({ type: 'mt940', data: STATEMENT })[0].transactions;
(async () => {
  const found = {
    mt940js: new Parser().parse(STATEMENT)[0].transactions.map(({ date, entryDate, amount }) => [date, entryDate, amount]),
    'mt940-js': (await read(Buffer.from(STATEMENT)))[0].transactions.map(({ valueDate, entryDate, amount, isCredit }) => [
      valueDate,
      entryDate,
      isCredit ? amount : -amount,
    ]),
  };
  for (const name of ['swiftmessageparser', '@centrapay/swift-parser'])
    found[name] = swift(name).map((entry) => [entry.valueDate ?? entry.date, entry.entryDate, Number(entry.amount)]);
  const lines = Object.entries(found).map(([name, [first, second, reversal]]) => {
    const [one, two] = [first, second].map(([value, booked, amount]) => `${day(value)}/${day(booked)} ${amount}`);
    return `${name}: ${one}, ${two}, reversal of a credit of 100: ${reversal[2]}`;
  });
  console.log(lines.join('\n'));
  const seen = (name, reversal) =>
    `${name}: 2024-01-02/2024-12-31 5, 2023-12-31/2023-01-02 -2, reversal of a credit of 100: ${reversal}`;
  const SEEN = [seen('mt940js', -100), seen('mt940-js', 100), seen('swiftmessageparser', -100), seen('@centrapay/swift-parser', -100)];
  if (lines.join() !== SEEN.join()) {
    console.error('This has changed.');
    process.exit(1);
  }
})();
JS
node main.cjs
