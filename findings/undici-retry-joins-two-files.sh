#!/usr/bin/env bash
# undici 8.13.1 and 7.30.2 (Node 22.23.5): RetryAgent joins the first half of one version of a file and the second half of another, and gives them as one body with status 200.
#
# Usual guess: when a connection breaks in the middle, the rest is asked for only if the file is still the same, by ETag or Last-Modified; otherwise there is an error
#   or the download begins anew. RFC 9110, 15.3.7.3 lets a client join parts only if they have the same strong validator.
# What happens: with a strong ETag it is so ("ETag mismatch"). Without one, or with a weak one, the rest is asked for by Range alone, and what comes is put behind
#   what is there, also when the answer has another Last-Modified or another weak ETag, which the caller does not see.
# What it costs: an export, a price list or a backup that is written anew during the download lands half and half, with the right length. Lines are cut in the
#   middle, or, with rows of one width, nothing is to be seen at all.
#
# Output seen (1000 bytes of "1", a break, then the file is 2000 bytes of "2"):
#   8.13.1, only Last-Modified: status 200, 1000 of "1" and 1000 of "2"
#   8.13.1, weak ETag: status 200, 1000 of "1" and 1000 of "2"
#   8.13.1, strong ETag: ETag mismatch
#   7.30.2, only Last-Modified: status 200, 1000 of "1" and 1000 of "2"
#   7.30.2, weak ETag: status 200, 1000 of "1" and 1000 of "2"
#   7.30.2, strong ETag: ETag mismatch
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
case $(uname -m) in aarch64 | arm64) cpu=arm64 ;; *) cpu=x64 ;; esac
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund undici8@npm:undici@8.13.1 undici7@npm:undici@7.30.2 "node-linux-$cpu@22.23.5"

cat >main.js <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';

const SIZE = 2000;
const headers = (tag, version) => ({
  'last-modified': `Wed, 3${version - 1} Jan 2024 12:00:00 GMT`,
  ...(tag && { etag: tag.replace('N', version) }),
});
async function download({ Agent, RetryAgent, request }, tag) {
  let requests = 0;
  const server = createServer((req, res) => {
    if (++requests === 1) {
      res.writeHead(200, { 'content-length': SIZE, ...headers(tag, 1) });
      res.write('1'.repeat(SIZE / 2), () => setTimeout(() => res.destroy(), 50));
      return;
    }
    const start = Number(/bytes=(\d+)-/.exec(req.headers.range)?.[1] ?? 0);
    const range = { 'content-range': `bytes ${start}-${SIZE - 1}/${SIZE}`, 'content-length': SIZE - start };
    res.writeHead(206, { ...range, ...headers(tag, 2) });
    res.end('2'.repeat(SIZE - start));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const dispatcher = new RetryAgent(new Agent(), { minTimeout: 10, maxRetries: 1 });
  try {
    const { body, statusCode } = await request(`http://127.0.0.1:${server.address().port}/`, { dispatcher });
    const text = await body.text();
    return `status ${statusCode}, ${text.split('1').length - 1} of "1" and ${text.split('2').length - 1} of "2"`;
  } catch (error) {
    return error.message;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
for (const [version, name] of [['8.13.1', 'undici8'], ['7.30.2', 'undici7']]) {
  const undici = await import(name);
  for (const [kind, tag] of [['only Last-Modified', ''], ['weak ETag', 'W/"N"'], ['strong ETag', '"N"']])
    console.log(`${version}, ${kind}: ${await download(undici, tag)}`);
}
process.exit();
JS
"node_modules/node-linux-$cpu/bin/node" main.js | tee found
diff found - <<'SEEN' || { echo 'This has changed.' >&2; exit 1; }
8.13.1, only Last-Modified: status 200, 1000 of "1" and 1000 of "2"
8.13.1, weak ETag: status 200, 1000 of "1" and 1000 of "2"
8.13.1, strong ETag: ETag mismatch
7.30.2, only Last-Modified: status 200, 1000 of "1" and 1000 of "2"
7.30.2, weak ETag: status 200, 1000 of "1" and 1000 of "2"
7.30.2, strong ETag: ETag mismatch
SEEN
