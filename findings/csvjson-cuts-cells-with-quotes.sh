#!/usr/bin/env bash
# csvjson 5.1.0: of a cell with doubled quotes in it only what stands behind the last of them is read.
#
# Usual guess: with `quote: true` it reads what RFC 4180 describes: a quote within a quoted cell is doubled. Or it leaves the quotes as they are.
# What happens: the text before the last doubled quote is gone; where that is the end of the cell, it is empty. The cells beside it are right, so nothing moves,
#   and nothing is reported. A comma within quotes is read well.
# What it costs: texts with inches (24""), nicknames and titles in quotes are lost or cut, one cell here and there in a long file.
#
# Output seen:
#   [{"id":"1","name":"Nuts, bolts","unit":"box"},{"id":"2","name":"wide","unit":"piece"},{"id":"3","name":"","unit":"piece"}]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund csvjson@5.1.0

cat >main.cjs <<'JS'
const csvjson = require('csvjson');
const FILE = ['id,name,unit', '1,"Nuts, bolts",box', '2,"Screen 24"" wide",piece', '3,"the ""Lamp""",piece', ''].join('\n');
console.log(JSON.stringify(csvjson.toObject(FILE, { quote: true }).filter(({ id }) => id !== '')));
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
[{"id":"1","name":"Nuts, bolts","unit":"box"},{"id":"2","name":"wide","unit":"piece"},{"id":"3","name":"","unit":"piece"}]
SEEN
