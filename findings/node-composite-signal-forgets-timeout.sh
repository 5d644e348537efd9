#!/usr/bin/env bash
# Node 20.19.5: AbortSignal.any of an AbortSignal.timeout never aborts when garbage is collected before the time is over.
#
# Usual guess: AbortSignal.any([ctx.signal, AbortSignal.timeout(200)]) aborts after 200 ms, whoever waits on it. An AbortSignal.timeout
#   alone does, and is kept as long as somebody listens.
# What happens: the composite signal refers to its timeout weakly. Nothing else refers to it, so the next collection of garbage takes the
#   timeout away with its timer, though a request listens on the composite. Nothing is reported; the request waits for good.
#   Node 22.23.5 aborts in time.
# What it costs: a request without a time limit, some time after the process has become busy. It is not seen in a test, which collects
#   nothing within its 200 ms.
#
# Output seen:
#   v20.19.5: AbortSignal.timeout aborts, AbortSignal.any of it never does
#   v22.23.5: AbortSignal.timeout aborts, AbortSignal.any of it aborts
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
case $(uname -m) in aarch64 | arm64) cpu=arm64 ;; *) cpu=x64 ;; esac

cat >main.mjs <<'JS'
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const server = http.createServer(() => undefined);
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const cancelled = new AbortController();

async function outcome(makeSignal) {
  let said = 'never does';
  const ask = () => {
    const { port } = server.address();
    const request = http.get({ host: '127.0.0.1', port, agent: false, signal: makeSignal() });
    request.on('error', () => (said = 'aborts'));
  };
  ask();
  await sleep(50);
  gc();
  await sleep(1000);
  return said;
}

const alone = await outcome(() => AbortSignal.timeout(200));
const any = await outcome(() => AbortSignal.any([cancelled.signal, AbortSignal.timeout(200)]));
console.log(`${process.version}: AbortSignal.timeout ${alone}, AbortSignal.any of it ${any}`);
process.exit();
JS
seen=
for version in 20.19.5 22.23.5; do
  mkdir "$version"
  echo '{ "private": true }' >"$version/package.json"
  npm install --prefix "$version" --silent --no-audit --no-fund "node-linux-$cpu@$version"
  seen+="$("$version/node_modules/node-linux-$cpu/bin/node" --expose-gc main.mjs)"$'\n'
done
printf '%s' "$seen"
expected='v20.19.5: AbortSignal.timeout aborts, AbortSignal.any of it never does
v22.23.5: AbortSignal.timeout aborts, AbortSignal.any of it aborts
'
if [ "$seen" != "$expected" ]; then
  echo 'This has changed.' >&2
  exit 1
fi
