#!/usr/bin/env bash
# piscina 5.3.2 (Node 20): between two tasks a thread's timers and sockets stand still.
#
# Usual guess: a thread of a pool is a worker thread, so what its module has started (a timer, a database connection that listens or is
#   kept alive) goes on while no task runs, as it does with worker_threads alone.
# What happens: by default (`atomics: 'sync'`) a thread without a task sleeps in Atomics.wait. Its event loop does not turn: timers do not
#   fire, data that arrives is not read, and a lost connection is noticed by the next task. Nothing is reported.
# What it costs: a heartbeat, a token that is renewed, or LISTEN in a pool's thread works as long as tasks follow each other, and stops
#   at night. With `atomics: 'disabled'` the same module behaves as guessed.
#
# Output seen:
#   ticks of a 10 ms timer during 1000 ms without a task: atomics sync 0, atomics disabled 97
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund piscina@5.3.2

cat >thread.js <<'JS'
let ticks = 0;
setInterval(() => ticks++, 10);
export default () => ticks;
JS
cat >main.js <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';

async function ticksWhileIdle(atomics) {
  const pool = new Piscina({
    filename: new URL('./thread.js', import.meta.url).href,
    minThreads: 1,
    maxThreads: 1,
    atomics,
  });
  // The first task starts the thread; a second one finds it at rest.
  await pool.run();
  await sleep(200);
  const before = await pool.run();
  await sleep(1000);
  const ticks = (await pool.run()) - before;
  await pool.destroy();
  return ticks;
}

const sync = await ticksWhileIdle('sync');
const disabled = await ticksWhileIdle('disabled');
console.log(
  `ticks of a 10 ms timer during 1000 ms without a task: atomics sync ${sync}, atomics disabled ${disabled}`,
);
if (sync > 5 || disabled < 50) {
  console.error('This has changed.');
  process.exit(1);
}
JS
node main.js
