#!/usr/bin/env bash
# joi 18.3.2: Joi.date() reads "2024" as two seconds after 1970, and "20240131" as 5:37 on 1 January 1970; "2024-01" is January 2024.
#
# Usual guess: a text that is no date is refused, and one that is a date in ISO 8601, a year or its basic format, is that date. Joi.date().iso() is the stricter
#   of the two.
# What happens: a text of digits is taken for milliseconds since 1970, as a number would be. With .iso() "2024" is the year, and "20240131" is refused. 31 February
#   is 2 March with both. min and max compare the date so made.
# What it costs: dates of SAP, banks and file names (20240131), years of birth and of publication, and seconds (1706659200) are valid and of January 1970. A
#   `max('now')` passes them.
#
# Output seen:
#   date(): 2024 1970-01-01T00:00:02.024Z, 20240131 1970-01-01T05:37:20.131Z, 1706659200 1970-01-20T18:04:19.200Z, 2024-01 2024-01-01T00:00:00.000Z
#   date().iso(): 2024 2024-01-01T00:00:00.000Z, 20240131 refused, 1706659200 refused, 2024-01 2024-01-01T00:00:00.000Z
#   2024-02-31: date() 2024-03-02T00:00:00.000Z, date().iso() 2024-03-02T00:00:00.000Z
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund joi@18.3.2

cat >main.js <<'JS'
import Joi from 'joi';

const SCHEMAS = { 'date()': Joi.date(), 'date().iso()': Joi.date().iso() };
const read = (schema, text) => {
  const { error, value } = schema.validate(text);
  return error ? 'refused' : value.toISOString();
};
for (const [name, schema] of Object.entries(SCHEMAS))
  console.log(`${name}: ${['2024', '20240131', '1706659200', '2024-01'].map((text) => `${text} ${read(schema, text)}`).join(', ')}`);
console.log(`2024-02-31: ${Object.entries(SCHEMAS).map(([name, schema]) => `${name} ${read(schema, '2024-02-31')}`).join(', ')}`);
JS
TZ=UTC node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
date(): 2024 1970-01-01T00:00:02.024Z, 20240131 1970-01-01T05:37:20.131Z, 1706659200 1970-01-20T18:04:19.200Z, 2024-01 2024-01-01T00:00:00.000Z
date().iso(): 2024 2024-01-01T00:00:00.000Z, 20240131 refused, 1706659200 refused, 2024-01 2024-01-01T00:00:00.000Z
2024-02-31: date() 2024-03-02T00:00:00.000Z, date().iso() 2024-03-02T00:00:00.000Z
SEEN
