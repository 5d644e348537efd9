#!/usr/bin/env bash
# sav-reader 2.0.8, on an SPSS file without compression: a value that is missing comes as the number -1.7976931348623157e+308.
#
# Usual guess: whether a .sav file is compressed does not change its values. A numeric value that is missing (SPSS's system-missing) is null, or is not there.
# What happens: SPSS keeps such a value as the lowest number that a double has. In a compressed file it has a code of its own, which sav-reader
#   takes for "not there". In a file without compression the number is given as it is. GNU PSPP 1.6.2 reads both as missing.
# What it costs: incomes, ages and dates that nobody gave are numbers in the table, and pass each check that asks for one. Sums and means
#   of the column are -1.8e308 or minus infinity. SAVE OUTFILE … /UNCOMPRESSED, and converters that write plain files, make them.
#
# Output seen:
#   compressed: {"ID":1,"INCOME":25}, {"ID":2}
#   not compressed: {"ID":1,"INCOME":25}, {"ID":2,"INCOME":-1.7976931348623157e+308}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund sav-reader@2.0.8

cat >main.cjs <<'JS'
const { SavBufferReader } = require('sav-reader');

// The least that a .sav file has ("System File Format", GNU PSPP developers guide): a header, two numeric variables, two cases.
const int32 = (...numbers) => Buffer.from(new Int32Array(numbers).buffer);
const double = (...numbers) => Buffer.from(new Float64Array(numbers).buffer);
const text = (length, value = '') => Buffer.from(value.padEnd(length), 'latin1');
const F8 = (5 << 16) | (8 << 8);
function file(compression, data) {
  const header = [text(4, '$FL2'), text(60, '@(#) SPSS DATA FILE'), int32(2, 2, compression, 0, 2), double(100), text(9, '31 Jan 24'), text(8, '10:00:00'), text(64), Buffer.alloc(3)];
  const variables = ['ID', 'INCOME'].flatMap((name) => [int32(2, 0, 0, 0, F8, F8), text(8, name)]);
  return Buffer.concat([...header, ...variables, int32(999, 0), data]);
}
const MISSING = -Number.MAX_VALUE;
const FILES = {
  compressed: file(1, Buffer.from([101, 125, 102, 255, 0, 0, 0, 0])), // numbers plus 100; 255 is system-missing
  'not compressed': file(0, double(1, 25, 2, MISSING)),
};
(async () => {
  const lines = [];
  for (const [name, bytes] of Object.entries(FILES)) {
    const reader = new SavBufferReader(bytes);
    await reader.open();
    lines.push(`${name}: ${(await reader.readAllRows()).map((row) => JSON.stringify(row)).join(', ')}`);
  }
  console.log(lines.join('\n'));
  const SEEN = [
    'compressed: {"ID":1,"INCOME":25}, {"ID":2}',
    'not compressed: {"ID":1,"INCOME":25}, {"ID":2,"INCOME":-1.7976931348623157e+308}',
  ];
  if (lines.join() !== SEEN.join()) {
    console.error('This has changed.');
    process.exit(1);
  }
})();
JS
node main.cjs
