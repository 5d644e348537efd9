#!/usr/bin/env bash
# dms-conversion 3.1.4, coordinate-parser 1.0.7, geo-coordinates-parser 1.7.4 and @mapbox/sexagesimal 1.2.0: -0°07'39" is read as 0.1275, east of Greenwich.
#
# Usual guess: a minus in front is the sign of the whole, as W is: -0°07'39" is -0.1275, as -1°07'39" is -1.1275.
# What happens: the sign is taken from the number of degrees, and that of -0 is lost when it is compared with 0. 0°07'39" W is right in all four. With other
#   degrees three are right, and dms-conversion adds the minutes to the negative degrees, so that -1°07'39" is -0.8725. parse-dms 0.0.5 is right.
# What it costs: what lies within a degree west of Greenwich or south of the equator is mirrored, London by 18 km. The rest of the file is
#   right, and so is a test with a place elsewhere.
#
# Output seen:
#   dms-conversion: -0° 0.1275, -1° -0.8724999999999999, W -0.1275
#   coordinate-parser: -0° 0.1275, -1° -1.1275, W -0.1275
#   geo-coordinates-parser: -0° 0.1275, -1° -1.1275, W -0.1275
#   @mapbox/sexagesimal: -0° 0.1275, -1° -1.1275, W -0.1275
#   parse-dms: -0° -0.1275, -1° -1.1275, W -0.1275
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund dms-conversion@3.1.4 coordinate-parser@1.0.7 geo-coordinates-parser@1.7.4 @mapbox/sexagesimal@1.2.0 parse-dms@0.0.5

cat >main.cjs <<'JS'
const sexagesimal = require('@mapbox/sexagesimal');
const Coordinates = require('coordinate-parser');
const { parseDms } = require('dms-conversion');
const { convert } = require('geo-coordinates-parser');
const parse = require('parse-dms');

const PLACES = { '-0°': `-0°07'39"`, '-1°': `-1°07'39"`, W: `0°07'39"W` };
const READERS = {
  'dms-conversion': (text) => parseDms(text),
  'coordinate-parser': (text) => new Coordinates(text.endsWith('W') ? `51°30'00"N ${text}` : `51°30'00" ${text}`).getLongitude(),
  'geo-coordinates-parser': (text) => convert(text.endsWith('W') ? `51°30'00"N, ${text}` : `51°30'00", ${text}`).decimalLongitude,
  '@mapbox/sexagesimal': (text) => sexagesimal(text),
  'parse-dms': (text) => parse(`51°30'00"N ${text}`).lon,
};
for (const [name, read] of Object.entries(READERS))
  console.log(`${name}: ${Object.entries(PLACES).map(([place, text]) => `${place} ${read(text)}`).join(', ')}`);
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
dms-conversion: -0° 0.1275, -1° -0.8724999999999999, W -0.1275
coordinate-parser: -0° 0.1275, -1° -1.1275, W -0.1275
geo-coordinates-parser: -0° 0.1275, -1° -1.1275, W -0.1275
@mapbox/sexagesimal: -0° 0.1275, -1° -1.1275, W -0.1275
parse-dms: -0° -0.1275, -1° -1.1275, W -0.1275
SEEN
