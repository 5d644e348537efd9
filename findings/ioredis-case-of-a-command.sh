#!/usr/bin/env bash
# ioredis 6.0.0, Redis 7.0.15: `call('XREAD', …)` and `call('xread', …)` give answers of two shapes.
#
# Usual guess: names of commands are the same in upper and lower case, as Redis has it, so both calls give the same answer.
# What happens: ioredis 6 speaks RESP3 and turns its answers back into those of RESP2, by a list of commands in lower case. In upper case, as
#   Redis's own documentation writes them, HGETALL gives a flat list where hgetall gives an object, XREAD a flat list of names and
#   entries where xread gives pairs, and ZRANGE WITHSCORES pairs where zrange gives a flat list. In pipeline() and multi() too. Types do not
#   tell, since call gives unknown.
# What it costs: code that is moved from r.hgetall(key) to r.call('HGETALL', key) reads undefined from each field. A loop over
#   [stream, entries] of XREAD takes the letters of the stream's name for stream and entries.
#
# Needs redis-server. Output seen:
#   hgetall {"paid":"yes"}; HGETALL ["paid","yes"]
#   zrange ["ann","1.5","bob","2"]; ZRANGE [["ann","1.5"],["bob","2"]]
#   xread [["log",[["1-1",["k","v"]]]]]; XREAD ["log",[["1-1",["k","v"]]]]
set -euo pipefail
command -v redis-server >/dev/null || { echo 'This needs redis-server.' >&2; exit 2; }
folder=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund ioredis@6.0.0
redis-server --port 0 --unixsocket "$folder/socket" --save '' --dir "$folder" >/dev/null &
server=$!

cat >main.js <<'JS'
import { Redis } from 'ioredis';

const redis = new Redis(`${process.cwd()}/socket`);
redis.on('error', () => {}); // until the server listens
await redis.hset('order', 'paid', 'yes');
await redis.zadd('score', 1.5, 'ann', 2, 'bob');
await redis.xadd('log', '1-1', 'k', 'v');
const CALLS = [
  ['hgetall', 'order'],
  ['zrange', 'score', '0', '-1', 'WITHSCORES'],
  ['xread', 'STREAMS', 'log', '0'],
];
const lines = [];
for (const [name, ...words] of CALLS) {
  const answers = [await redis.call(name, ...words), await redis.call(name.toUpperCase(), ...words)];
  lines.push(`${name} ${JSON.stringify(answers[0])}; ${name.toUpperCase()} ${JSON.stringify(answers[1])}`);
}
redis.disconnect();
console.log(lines.join('\n'));
const SEEN = [
  'hgetall {"paid":"yes"}; HGETALL ["paid","yes"]',
  'zrange ["ann","1.5","bob","2"]; ZRANGE [["ann","1.5"],["bob","2"]]',
  'xread [["log",[["1-1",["k","v"]]]]]; XREAD ["log",[["1-1",["k","v"]]]]',
];
if (lines.join() !== SEEN.join()) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
