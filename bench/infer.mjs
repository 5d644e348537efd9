// (u) How fast a dataset is inferred from a file: all of its records are looked at. The rival is the scan that cuts the same stored file into
// the chunks of an import, which no import does without. In one process, from the same disk, taking turns; what comes before both (the
// upload, the look at its first bytes) is left out of both.
import { mkdtempSync, rmSync } from 'node:fs';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { scanChunks } from '../dist/core/csv/chunks/scan-chunks.js';
import { inferText } from '../dist/intake/infer/infer-text.js';
import { createDiskStorage } from '../dist/storage/disk.js';
import { keptKey } from '../dist/storage/keys.js';
import { alternate, median, medianOf } from './rounds.mjs';
import { generate, SHAPES } from './shapes.mjs';

export const title = 'scan of the plan / infer, records of each';
const GOAL = 0.8;
const ROWS = 1_000_000;
const LIMITS = { maxRecordBytes: 16 * 1024 * 1024, chunkBytes: 8 * 1024 * 1024, chunkCells: Infinity };
const KEY = keptKey('00000000-0000-7000-8000-000000000000');

const two = (number) => String(number).padStart(2, '0');

/** Eight columns as a shop writes them: a key, texts, few words, numbers, days and times. */
const ORDERS = {
  columns: ['id', 'customer', 'email', 'ordered_on', 'amount', 'pieces', 'status', 'changed_at'],
  line: (row) => {
    const mixed = (row * 2_654_435_761) % 4_294_967_296;
    const day = `202${mixed % 6}-${two(1 + (mixed % 12))}-${two(1 + (mixed % 28))}`;
    const status = ['new', 'paid', 'packed', 'sent'][mixed % 4];
    return `${row},Customer ${mixed % 50_000},user${mixed % 900_000}@example.com,${day},${mixed % 1000}.${two(mixed % 100)},${mixed % 40},${status},${day}T${two(mixed % 24)}:${two(mixed % 60)}:07Z\n`;
  },
};

async function writeOrders(file) {
  const out = createWriteStream(file);
  let text = `${ORDERS.columns.join(',')}\n`;
  for (let row = 1; row <= ROWS; row++) {
    text += ORDERS.line(row);
    if (text.length < 1024 * 1024 && row < ROWS) continue;
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  }
  out.end();
  await once(out, 'finish');
}

export async function measure({ options: { rounds }, print }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-infer-'));
  try {
    const storage = createDiskStorage(path.join(folder, 'store'));
    const details = {};
    const { customers, narrow } = SHAPES;
    for (const [name, columns, write] of [
      ['eight columns', ORDERS.columns, writeOrders],
      ...[narrow, customers].map((shape) => [
        shape.dataset.name,
        shape.dataset.schema.fields.map((field) => field.name),
        (file) => generate(file, shape, { rows: ROWS }),
      ]),
    ]) {
      const file = path.join(folder, 'file.csv');
      await write(file);
      await storage.write(KEY, createReadStream(file));
      details[name] = await compare(storage, columns, statSync(file).size, rounds, (line) =>
        print(`${name}, ${line}`),
      );
    }
    const figures = Object.entries(details).map(([what, { ratio }]) => ({
      what,
      value: ratio,
      atLeast: GOAL,
    }));
    return { figures, details };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function compare(storage, header, bytes, rounds, print) {
  const read = (range, room) => storage.readBytes(KEY, range, room);
  const dataStart = Buffer.byteLength(`${header.join(',')}\n`);
  const layout = { dialect: { delimiter: ',', lineEnd: 'lf' }, header, dataStart, dataLine: 2 };
  const file = { ...layout, columns: header.map((name) => ({ header: name })), dataEnd: bytes };
  const found = await alternate(
    rounds,
    {
      scan: () => timed(() => scanAll(file, read)),
      infer: () =>
        timed(
          async () =>
            (await inferText({ bytes, read }, layout, LIMITS, { name: 'd', types: 'detect' })).records,
        ),
    },
    (round, { scan, infer }) =>
      print(`round ${round}: scan ${scan.toFixed(0)} ms, infer ${infer.toFixed(0)} ms`),
  );
  return {
    records: ROWS,
    bytes,
    scanMs: median(found.map(({ scan }) => scan)),
    inferMs: median(found.map(({ infer }) => infer)),
    ratio: medianOf(found, ({ scan, infer }) => scan / infer),
  };
}

async function scanAll(file, read) {
  let records = 0;
  for await (const chunk of scanChunks(file, read, LIMITS)) records += chunk.records;
  return records;
}

async function timed(run) {
  const start = performance.now();
  const records = await run();
  if (records !== ROWS) throw new Error(`${records} records were read, not ${ROWS}`);
  return performance.now() - start;
}
