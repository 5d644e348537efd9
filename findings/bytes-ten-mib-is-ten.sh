#!/usr/bin/env bash
# bytes 3.1.2, which reads the limits of Express 5.3.0: a limit of '10MiB' is 10 bytes, and '1,5mb' is 1 byte.
#
# Usual guess: the unit of 1,048,576 bytes is read by the name that the standard, Kubernetes and Docker give it, or the text is refused.
# What happens: it knows b, kb, mb, gb, tb and pb. Of any other text it takes the number in front, and counts bytes: MiB, M, k and a decimal comma are passed
#   over in silence. Its `mb` is what others call MiB.
# What it costs: a limit that is set in the units of the manifest beside it answers each request with 413. Written the other way
#   round, a file that must have at least '10MiB' may have 10 bytes.
#
# Output seen:
#   bytes: 10mb 10485760, 10MiB 10, 10M 10, 5k 5, 1.5gb 1610612736, 1,5gb 1
#   Express, a body of 20 bytes: limit 10mb 200, limit 10MiB 413
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund bytes@3.1.2 express@5.3.0

cat >main.cjs <<'JS'
const bytes = require('bytes');
const express = require('express');

const SIZES = ['10mb', '10MiB', '10M', '5k', '1.5gb', '1,5gb'];
console.log(`bytes: ${SIZES.map((size) => `${size} ${bytes(size)}`).join(', ')}`);

async function ask(limit) {
  const app = express();
  app.post('/', express.json({ limit }), (request, response) => response.sendStatus(200));
  app.use((error, request, response, next) => response.sendStatus(error.status));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { status } = await fetch(`http://127.0.0.1:${server.address().port}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"Ann Millr"}',
  });
  server.close();
  return `limit ${limit} ${status}`;
}
(async () => {
  console.log(`Express, a body of 20 bytes: ${await ask('10mb')}, ${await ask('10MiB')}`);
})();
JS
node main.cjs | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
bytes: 10mb 10485760, 10MiB 10, 10M 10, 5k 5, 1.5gb 1610612736, 1,5gb 1
Express, a body of 20 bytes: limit 10mb 200, limit 10MiB 413
SEEN
