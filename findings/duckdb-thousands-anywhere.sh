#!/usr/bin/env bash
# @duckdb/node-api 1.5.5 (DuckDB 1.5.5): the `thousands` option of read_csv takes its character out wherever it stands in a number.
#
# Usual guess: with thousands = '.' and decimal_separator = ',', the cell 1.234,5 is 1234.5, and a cell whose points do not stand between groups
#   of three digits, such as 1.5, is no number and goes to reject_errors.
# What happens: every such character is removed, then the rest is read. 1.5 is 15, 12.34 is 1234, 0.500 is 500, 1..5 is 15. After the
#   decimal separator they go too, so that a number in the other notation, 1,234.5, is 1.2345. store_rejects notes none of them, and a column
#   of such texts still gets the type DOUBLE by itself when only `thousands` is given.
# What it costs: in a column where most amounts are German and one came from a program with a decimal point, that one is ten or a thousand
#   times as large, or a thousandth, in a sum that still looks right.
#
# Output seen:
#   thousands '.', decimal ',': 1.234,5 is 1234.5, 1.5 is 15.0, 12.34 is 1234.0, 0.500 is 500.0, 1..5 is 15.0, 1,234.5 is 1.2345
#   rejected by DuckDB: 0 of 6
#   thousands ',' and no types given: 1,234.5 is 1234.5, 1,5 is 15.0, 12,34 is 1234.0, in a column of type DOUBLE
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund @duckdb/node-api@1.5.5-r.5

cat >main.js <<'JS'
import { writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';

const GERMAN = [
  ['1.234,5', '1234.5'],
  ['1.5', '15.0'],
  ['12.34', '1234.0'],
  ['0.500', '500.0'],
  ['1..5', '15.0'],
  ['1,234.5', '1.2345'],
];
const ENGLISH = [
  ['1,234.5', '1234.5'],
  ['1,5', '15.0'],
  ['12,34', '1234.0'],
];
const connection = await (await DuckDBInstance.create(':memory:')).connect();
const rows = async (sql) => (await connection.runAndReadAll(sql)).getRowsJson();
const write = (cells) =>
  writeFileSync('amounts.csv', ['line;amount', ...cells.map(([text], line) => `${line};${text}`), ''].join('\n'));
const tell = (cells, found) => cells.map(([text], line) => `${text} is ${found[line][1]}`).join(', ');

write(GERMAN);
const german = await rows(`
  SELECT line, amount::VARCHAR
  FROM read_csv('amounts.csv', header = true, delim = ';', thousands = '.', decimal_separator = ',',
    columns = { line: 'INTEGER', amount: 'DOUBLE' }, store_rejects = true)
  ORDER BY line`);
console.log(`thousands '.', decimal ',': ${tell(GERMAN, german)}`);
const [[rejected]] = await rows('SELECT count(*)::INTEGER FROM reject_errors');
console.log(`rejected by DuckDB: ${rejected} of ${GERMAN.length}`);

write(ENGLISH);
const english = await rows(`
  SELECT line::INTEGER, amount::VARCHAR, typeof(amount)
  FROM read_csv('amounts.csv', header = true, delim = ';', thousands = ',')
  ORDER BY line`);
console.log(
  `thousands ',' and no types given: ${tell(ENGLISH, english)}, in a column of type ${english[0][2]}`,
);
const isSame = (cells, found) => cells.every(([, value], line) => found[line]?.[1] === value);
if (rejected !== 0 || !isSame(GERMAN, german) || !isSame(ENGLISH, english)) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
