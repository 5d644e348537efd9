#!/usr/bin/env bash
# @platformatic/job-queue 0.5.0 (Node 22.23.5): a job that takes longer than visibilityTimeout is started again and again while it runs.
#
# Usual guess: the Reaper "recovers jobs from crashed workers", so a worker that lives keeps its job, by a sign of life as in BullMQ. Or the time
#   is a limit: the job is aborted, and each new start is one of its maxRetries.
# What happens: nothing renews the time. Each time that it is over, by default after 30 s, the Reaper queues the job again, also for the worker
#   that still runs it. job.signal is aborted, but the handler goes on as long as it does not look. The new start is attempt 1 again, so that
#   maxRetries ends nothing: with maxRetries 1 there are four or five starts of one job, three at once. The id, by which duplicates are refused, is the same.
# What it costs: an import, a payment run or a mailing that took 20 s in the tests and 40 s with real data is done several times, at the same time.
#
# Output seen (one job of 4 s, visibilityTimeout 1 s, maxRetries 1, concurrency 3):
#   without Reaper: started 1 time, at once 1
#   with Reaper: started more than 3 times, at once 3, as attempt 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
case $(uname -m) in aarch64 | arm64) cpu=arm64 ;; *) cpu=x64 ;; esac
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund @platformatic/job-queue@0.5.0 "node-linux-$cpu@22.23.5"

cat >main.js <<'JS'
import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryStorage, Queue, Reaper } from '@platformatic/job-queue';

async function run(withReaper) {
  const storage = new MemoryStorage();
  const limits = { storage, visibilityTimeout: 1000 };
  const queue = new Queue({ ...limits, maxRetries: 1, concurrency: 3 });
  const attempts = [];
  let running = 0;
  let most = 0;
  queue.execute(async (job) => {
    attempts.push(job.attempts);
    most = Math.max(most, ++running);
    await sleep(4000);
    running--;
    return 'done';
  });
  await queue.start();
  const reaper = withReaper ? new Reaper(limits) : undefined;
  await reaper?.start();
  await queue.enqueue('invoice-1', {});
  await sleep(6000);
  await reaper?.stop();
  return { attempts, most };
}
const [alone, reaped] = await Promise.all([run(false), run(true)]);
console.log(`without Reaper: started ${alone.attempts.length} time, at once ${alone.most}`);
const times = reaped.attempts.length > 3 ? 'more than 3 times' : `${reaped.attempts.length} times`;
console.log(`with Reaper: started ${times}, at once ${reaped.most}, as attempt ${[...new Set(reaped.attempts)].join(', ')}`);
const isSeen = alone.attempts.length === 1 && reaped.attempts.length > 3 && reaped.most === 3 && reaped.attempts.every((attempt) => attempt === 1);
if (!isSeen) {
  console.error('This has changed.');
  process.exit(1);
}
process.exit();
JS
"node_modules/node-linux-$cpu/bin/node" main.js
