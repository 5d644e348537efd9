#!/usr/bin/env bash
# qs 6.17.1, in Express 5.3.0 with its extended query parser: a list of 20 ids is an array, and one of 21 is an object.
#
# Usual guess: ?ids=1&ids=2 gives an array, however many there are; the limit of 20 that qs has for arrays is for indexes such as ids[1000]=1.
# What happens: since its last releases qs counts all values of a name. With the 21st the array becomes an object with the keys 0 to 20, which has no
#   length and cannot be iterated. So it is with ids[]=… and ids[0]=…, and with what qs.stringify wrote. Express 4.22.3, the older line, gives an
#   array of 21. A form in the body has a limit of its own.
# What it costs: `[].concat(req.query.ids)` and `where id = any(…)` find nothing, or one thing, and "delete the chosen" does nothing, for the
#   user who chose more than 20. Tests have three.
#
# Output seen:
#   qs.parse: 20 array, 21 object; read back from qs.stringify: 20 array, 21 object
#   Express 5: 20 array, 21 object
#   Express 4: 20 array, 21 array
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund qs@6.17.1 express@5.3.0 express-4@npm:express@4.22.3

cat >main.js <<'JS'
import express from 'express';
import express4 from 'express-4';
import qs from 'qs';

const ids = (count) => Array.from({ length: count }, (_, at) => String(at));
const query = (count) => ids(count).map((id) => `ids=${id}`).join('&');
const kind = (value) => (Array.isArray(value) ? 'array' : typeof value);
const both = async (of) => `20 ${await of(20)}, 21 ${await of(21)}`;

async function asked(app) {
  app.set('query parser', 'extended');
  app.get('/', (request, response) => response.send(kind(request.query.ids)));
  const server = await new Promise((done) => {
    const listening = app.listen(0, '127.0.0.1', () => done(listening));
  });
  const answer = await both(async (count) => (await fetch(`http://127.0.0.1:${server.address().port}/?${query(count)}`)).text());
  server.close();
  server.closeAllConnections();
  return answer;
}
const parsed = await both((count) => kind(qs.parse(query(count)).ids));
const back = await both((count) => kind(qs.parse(qs.stringify({ ids: ids(count) })).ids));
const found = [`qs.parse: ${parsed}; read back from qs.stringify: ${back}`, `Express 5: ${await asked(express())}`, `Express 4: ${await asked(express4())}`];
console.log(found.join('\n'));
const SEEN = [
  'qs.parse: 20 array, 21 object; read back from qs.stringify: 20 array, 21 object',
  'Express 5: 20 array, 21 object',
  'Express 4: 20 array, 21 array',
];
if (found.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
