// (f) A thousand imports of ten rows at once: imports/s from the first POST to the last end, against COPYs of the same files by
// two connections, each in a transaction of its own.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { startSluice, usedCpuMs } from './processes.mjs';
import { alternate, medianOf } from './rounds.mjs';
import { columnsOf, generate, SHAPES } from './shapes.mjs';

export const title = 'imports/s, many files of ten rows';
const ROWS = 10;
/** Requests under way at a time. */
const SENDERS = 16;
const BARE_CONNECTIONS = 2;

export async function measure({ servers, options, print }) {
  const { client, databaseUrl, folder } = servers;
  const { dataset } = SHAPES.customers;
  const { table } = dataset.target;
  const contents = await generateMany(folder, options.many);
  await client.query(`DROP TABLE IF EXISTS ${table}_bare;
    CREATE TABLE ${table}_bare AS SELECT ${columnsOf(SHAPES.customers).join(', ')} FROM ${table} LIMIT 0`);
  const sluice = await startSluice(servers, { slots: options.slots });
  try {
    const rounds = await alternate(
      options.manyRounds,
      {
        copies: () => copyAll(databaseUrl, `${table}_bare`, contents),
        sluice: () => importAll(servers, sluice, contents),
      },
      (round, { copies, sluice: found }) =>
        print(
          `round ${round}: ${found.perSecond.toFixed(0)} imports/s (POSTs alone ${found.sentPerSecond.toFixed(0)}/s), bare COPYs ${copies.toFixed(0)}/s`,
        ),
    );
    const perSecond = medianOf(rounds, (round) => round.sluice.perSecond);
    return {
      figures: [
        { what: `${options.many} at once`, value: perSecond },
        { what: 'to bare COPYs', value: medianOf(rounds, (round) => round.sluice.perSecond / round.copies) },
      ],
      details: {
        imports: options.many,
        perSecond,
        sentPerSecond: medianOf(rounds, (round) => round.sluice.sentPerSecond),
        bareCopiesPerSecond: medianOf(rounds, (round) => round.copies),
        apiCpuMs: medianOf(rounds, (round) => round.sluice.apiCpuMs),
        workerCpuMs: medianOf(rounds, (round) => round.sluice.workerCpuMs),
      },
    };
  } finally {
    await sluice.stop();
    await client.query(`DROP TABLE ${table}_bare; TRUNCATE ${table}`);
  }
}

/** So many files of ten rows, no two of them alike. */
export async function generateMany(folder, files) {
  const contents = [];
  for (let seed = 1; seed <= files; seed++) {
    const file = path.join(folder, 'many.csv');
    await generate(file, SHAPES.customers, { rows: ROWS, seed });
    contents.push(readFileSync(file));
  }
  return contents;
}

/** Sends files at once and waits until the last import has ended. */
export async function importAll({ client }, sluice, contents) {
  const used = () => [usedCpuMs(sluice.api), usedCpuMs(sluice.workers[0])];
  const before = used();
  const began = performance.now();
  const ids = await inParallel(SENDERS, contents, (content) =>
    sluice.send(SHAPES.customers.dataset.name, content),
  );
  const sentMs = performance.now() - began;
  for (;;) {
    const { rows } = await client.query(
      `SELECT count(*)::int AS ended, count(*) FILTER (WHERE status = 'succeeded')::int AS good FROM sluice.tasks
        WHERE id = ANY($1::uuid[]) AND finished_at IS NOT NULL`,
      [ids],
    );
    if (rows[0].ended < ids.length) {
      await sleep(20);
      continue;
    }
    if (rows[0].good < ids.length) throw new Error('Not all imports have succeeded');
    const ms = performance.now() - began;
    const [apiCpuMs, workerCpuMs] = used().map((now, at) => (now - before[at]) / contents.length);
    return {
      perSecond: (contents.length / ms) * 1000,
      sentPerSecond: (contents.length / sentMs) * 1000,
      apiCpuMs,
      workerCpuMs,
    };
  }
}

/** @returns files per second */
async function copyAll(databaseUrl, table, contents) {
  const clients = Array.from({ length: BARE_CONNECTIONS }, () => new pg.Client(databaseUrl));
  for (const client of clients) await client.connect();
  const free = [...clients];
  const began = performance.now();
  await inParallel(BARE_CONNECTIONS, contents, async (content) => {
    const client = free.pop();
    await pipeline(Readable.from([content]), client.query(copyFrom(`COPY ${table} FROM STDIN CSV HEADER`)));
    free.push(client);
  });
  const ms = performance.now() - began;
  for (const client of clients) await client.end();
  return (contents.length / ms) * 1000;
}

/** So many at a time. @returns what each gave, in order */
async function inParallel(width, list, work) {
  const given = [];
  let at = 0;
  const next = async () => {
    while (at < list.length) {
      const mine = at++;
      given[mine] = await work(list[mine]);
    }
  };
  await Promise.all(Array.from({ length: width }, next));
  return given;
}
