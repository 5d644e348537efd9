#!/usr/bin/env bash
# convert-units 2.3.4, beside mathjs 15.2.0 and js-quantities 1.8.0: "t" is the American ton of 907 kg, not the tonne.
#
# Usual guess: t is the tonne, 1000 kg, as it is beside the SI, in UCUM, in UN/EDIFACT papers and for the other two libraries.
# What happens: `t` is a short ton, 907.184 kg, and stands in its list beside g and kg. The tonne is `mt`. A conversion from t to kg raises no error.
#   "ton" is the short ton in all three.
# What it costs: each weight in t of an invoice, an order or a customs paper is 9.3 percent less; into t it is 10 percent more.
#
# Output seen (25 t in kg):
#   convert-units: 22679.6, 25 mt 25000
#   mathjs: 25000, 25 ton 22679.6185
#   js-quantities: 25000, 25 ton 22679.6185
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund convert-units@2.3.4 mathjs@15.2.0 js-quantities@1.8.0

cat >main.js <<'JS'
import convert from 'convert-units';
import Qty from 'js-quantities';
import { unit } from 'mathjs';

console.log(`convert-units: ${convert(25).from('t').to('kg')}, 25 mt ${convert(25).from('mt').to('kg')}`);
console.log(`mathjs: ${unit('25 t').toNumber('kg')}, 25 ton ${unit('25 ton').toNumber('kg')}`);
console.log(`js-quantities: ${Qty('25 t').to('kg').scalar}, 25 ton ${Qty('25 ton').to('kg').scalar}`);
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
convert-units: 22679.6, 25 mt 25000
mathjs: 25000, 25 ton 22679.6185
js-quantities: 25000, 25 ton 22679.6185
SEEN
