#!/usr/bin/env bash
# @tmcw/togeojson 7.1.3: in KML a SimpleData of the type bool is true for "false" and for "0", and an empty int is 0.
#
# Usual guess: it reads the types of a KML Schema as KML has them: bool is true, false, 1 or 0, and what is empty is null or is not there.
# What happens: a bool is JavaScript's Boolean() of the text, so that each text is true and only the empty one is false. An empty number is 0, a text that is
#   none, such as NaN, is null in JSON, and a long id is rounded. Fields without a Schema stay texts, and are right.
# What it costs: "is open", "is private" or "has been inspected" is yes for each place on the map, and an elevation or a count that nobody measured is zero.
#
# Output seen:
#   bool: "true" true, "false" true, "1" true, "0" true, "" false
#   int: "5" 5, "-5" -5, "" 0, "9007199254740993" 9007199254740992
#   without a Schema: "false" "false"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund @tmcw/togeojson@7.1.3 @xmldom/xmldom@0.9.12

cat >main.js <<'JS'
import { kml } from '@tmcw/togeojson';
import { DOMParser } from '@xmldom/xmldom';

function read(schema, extended) {
  const text = `<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>${schema}
    <Placemark><ExtendedData>${extended}</ExtendedData><Point><coordinates>10.75,59.91</coordinates></Point></Placemark></Document></kml>`;
  return kml(new DOMParser().parseFromString(text, 'text/xml')).features[0].properties.x;
}
const typed = (type, text) =>
  read(
    `<Schema name="S" id="S"><SimpleField type="${type}" name="x"/></Schema>`,
    `<SchemaData schemaUrl="#S"><SimpleData name="x">${text}</SimpleData></SchemaData>`,
  );
const TEXTS = { bool: ['true', 'false', '1', '0', ''], int: ['5', '-5', '', '9007199254740993'] };
for (const [type, texts] of Object.entries(TEXTS))
  console.log(`${type}: ${texts.map((text) => `"${text}" ${typed(type, text)}`).join(', ')}`);
console.log(`without a Schema: "false" ${JSON.stringify(read('', '<Data name="x"><value>false</value></Data>'))}`);
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
bool: "true" true, "false" true, "1" true, "0" true, "" false
int: "5" 5, "-5" -5, "" 0, "9007199254740993" 9007199254740992
without a Schema: "false" "false"
SEEN
