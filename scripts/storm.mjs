// npm run storm: imports under random faults, each held against the truth of its file (docs/reliability.md).
//   --rounds 200   --minutes 30 (no round begins later)   --seed 7 (else drawn, and printed)
//   --pgbouncer (Postgres behind one in transaction mode)   --redis single, sentinel or cluster   --storage folder or s3
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { prepare, ROOT } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    rounds: { type: 'string', default: '200' },
    minutes: { type: 'string' },
    pgbouncer: { type: 'boolean', default: false },
    redis: { type: 'string', default: 'single' },
    storage: { type: 'string', default: 'folder' },
  },
});
const { pgbouncer, redis, storage, ...numbers } = values;
for (const [name, value] of Object.entries(numbers))
  if (!/^\d+$/.test(value)) {
    console.error(`--${name} must be a whole number, not "${value}".`);
    process.exit(2);
  }

if (!['single', 'sentinel', 'cluster'].includes(redis)) {
  console.error(`--redis must be single, sentinel or cluster, not "${redis}".`);
  process.exit(2);
}

if (!['folder', 's3'].includes(storage)) {
  console.error(`--storage must be folder or s3, not "${storage}".`);
  process.exit(2);
}

await prepare();
console.log(`Seed ${values.seed}`);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sluice-report-'));
const report = path.join(folder, 'report.json');
const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const options = ['--disable-console-intercept', '--reporter=json', `--outputFile.json=${report}`];
const child = spawn(process.execPath, [vitest, 'run', ...options, 'tests/e2e/storm.test.ts'], {
  cwd: ROOT,
  stdio: ['inherit', 'pipe', 'inherit'],
  env: {
    ...process.env,
    SLUICE_STORM_SEED: values.seed,
    SLUICE_STORM_ROUNDS: values.rounds,
    SLUICE_STORM_PGBOUNCER: pgbouncer ? '1' : '0',
    SLUICE_STORM_REDIS: redis,
    SLUICE_STORM_STORAGE: storage,
    ...(values.minutes === undefined ? {} : { SLUICE_STORM_MINUTES: values.minutes }),
  },
});
// The storm's own lines, so that the closing line is the last.
createInterface({ input: child.stdout }).on('line', (line) => {
  if (!line.startsWith('JSON report')) console.log(line);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('close', (code) => {
  if (code !== 0 && fs.existsSync(report))
    for (const { message, assertionResults } of JSON.parse(fs.readFileSync(report, 'utf8')).testResults)
      console.error([message, ...assertionResults.flatMap((result) => result.failureMessages)].join('\n'));
  fs.rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
