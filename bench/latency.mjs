// `npm run bench -- --latency`: milliseconds from the POST of a small file to `succeeded`, one import after the other.
// The client polls without a pause, so the end is seen within a millisecond or two.
//   --imports N  how many (default 200)
//   --rows N     records in each file (default 10)
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { generate } from './generate.mjs';
import { machine, quantile, startSluice, writeResult } from './sluice.mjs';

const { values: options } = parseArgs({
  options: {
    latency: { type: 'boolean' },
    imports: { type: 'string', default: '200' },
    rows: { type: 'string', default: '10' },
  },
});
const WARM_UP = 20;

const sluice = await startSluice();
try {
  const file = path.join(sluice.folder, 'small.csv');
  await generate(file, { rows: Number(options.rows) });
  const content = readFileSync(file);
  console.log(`${machine()}, ${options.imports} imports of ${options.rows} rows\n`);
  const rounds = [];
  for (let round = -WARM_UP; round < Number(options.imports); round++) {
    const began = performance.now();
    const id = await sluice.send(content);
    const takenMs = performance.now() - began;
    const { createdAt, startedAt, finishedAt } = await sluice.ended(id, 0);
    if (round < 0) continue;
    rounds.push({
      wholeMs: performance.now() - began,
      takenMs,
      queuedMs: new Date(startedAt) - new Date(createdAt),
      workMs: new Date(finishedAt) - new Date(startedAt),
    });
  }
  const result = {};
  for (const part of Object.keys(rounds[0])) {
    const all = rounds.map((round) => round[part]);
    result[part] = { p50: quantile(all, 0.5), p95: quantile(all, 0.95) };
    console.log(
      `${part.padEnd(9)} p50 ${result[part].p50.toFixed(1)} ms, p95 ${result[part].p95.toFixed(1)} ms`,
    );
  }
  writeResult('latency', result);
} finally {
  await sluice.stop();
}
