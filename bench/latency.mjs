// (e) Milliseconds from the POST of a file of ten rows to `succeeded`, one import after the other. The client asks every 2 ms.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startSluice } from './processes.mjs';
import { quantile } from './rounds.mjs';
import { generate, SHAPES } from './shapes.mjs';

export const title = 'POST to succeeded, ten rows, ms';
const ROWS = 10;
const WARM_UP = 30;
const POLL_MS = 2;
const MOST_MS = 50;

export async function measure({ servers, options, print }) {
  const { dataset } = SHAPES.customers;
  const sluice = await startSluice(servers, { slots: options.slots });
  try {
    const file = path.join(servers.folder, 'latency.csv');
    await generate(file, SHAPES.customers, { rows: ROWS });
    const content = readFileSync(file);
    const each = [];
    for (let at = -WARM_UP; at < options.imports; at++) {
      const began = performance.now();
      const id = await sluice.send(dataset.name, content);
      const takenMs = performance.now() - began;
      const { createdAt, startedAt, finishedAt } = await sluice.ended(id, POLL_MS);
      if (at < 0) continue;
      each.push({
        wholeMs: performance.now() - began,
        takenMs,
        queuedMs: new Date(startedAt) - new Date(createdAt),
        workMs: new Date(finishedAt) - new Date(startedAt),
      });
    }
    const details = {};
    for (const part of Object.keys(each[0])) {
      const all = each.map((one) => one[part]);
      details[part] = { p50: quantile(all, 0.5), p95: quantile(all, 0.95) };
      print(`${part}: p50 ${details[part].p50.toFixed(1)}, p95 ${details[part].p95.toFixed(1)}`);
    }
    return {
      figures: [
        { what: 'p50', value: details.wholeMs.p50, atMost: MOST_MS },
        { what: 'p95', value: details.wholeMs.p95 },
      ],
      details,
    };
  } finally {
    await sluice.stop();
  }
}
