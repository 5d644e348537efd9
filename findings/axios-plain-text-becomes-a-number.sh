#!/usr/bin/env bash
# axios 1.21.1: a text/plain answer of 9007199254740993 is the number 9007199254740992, 1.10 is 1.1, and "null" is null; 00501 stays a text.
#
# Usual guess: what comes as text/plain is a string, and JSON is parsed where the Content-Type says JSON. So fetch has it, with text() and json().
# What happens: where no responseType is given, each body is tried as JSON, whatever its type, and stays a text only if that fails. So the type of the value depends
#   on its characters: 501 is a number and 00501 a text. responseType: 'text' leaves all of them alone.
# What it costs: ids, tokens and versions that a service gives as plain text (an id of 17 digits or more, 1.10, 1e5) are others, and rarely: a key of letters and
#   digits is right until one is 12345e6.
#
# Output seen:
#   9007199254740993: number 9007199254740992, with responseType 'text' string 9007199254740993
#   12345e6: number 12345000000, with responseType 'text' string 12345e6
#   1.10: number 1.1, with responseType 'text' string 1.10
#   null: object null, with responseType 'text' string null
#   00501: string 00501, with responseType 'text' string 00501
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund axios@1.21.1

cat >main.js <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import axios from 'axios';

const server = createServer((req, res) => res.setHeader('content-type', 'text/plain').end(req.url.slice(1))).listen(0, '127.0.0.1');
await once(server, 'listening');
const show = ({ data }) => `${typeof data} ${data}`;
for (const text of ['9007199254740993', '12345e6', '1.10', 'null', '00501']) {
  const url = `http://127.0.0.1:${server.address().port}/${text}`;
  console.log(`${text}: ${show(await axios.get(url))}, with responseType 'text' ${show(await axios.get(url, { responseType: 'text' }))}`);
}
process.exit();
JS
node main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
9007199254740993: number 9007199254740992, with responseType 'text' string 9007199254740993
12345e6: number 12345000000, with responseType 'text' string 12345e6
1.10: number 1.1, with responseType 'text' string 1.10
null: object null, with responseType 'text' string null
00501: string 00501, with responseType 'text' string 00501
SEEN
