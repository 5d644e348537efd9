// Tasks asked for over HTTP: one each against a bare Fastify route that does one INSERT, batches of 1,000 against raw addBulk behind a route.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { startNode, startSluice, stopProcess } from './processes.mjs';
import { alternate, medianOf } from './rounds.mjs';

export const title = 'enqueue over HTTP / bare route';
const here = (name) => path.join(import.meta.dirname, name);
const ONE = { name: 'add', args: { a: 1, b: 2 } };
const BATCH = { tasks: Array.from({ length: 1000 }, (_, a) => ({ name: 'add', args: { a, b: 2 } })) };

export async function measure({ servers, options, print }) {
  const bare = await startNode([here('bare-enqueue.mjs')], /listening on (http:[^"]+)"/, servers.env);
  // It says which tasks there are; then it goes, so that nothing is claimed meanwhile.
  await (await startSluice(servers, { workers: 1 })).stop();
  const sluice = await startSluice(servers, { workers: 0 });
  try {
    const lines = Object.entries(sluice.headers).map(([name, value]) => `${name}: ${value}`);
    const post = (url, body, connections, headers = []) => {
      const args = [
        here('kept-client.mjs'),
        url,
        connections,
        options.seconds * 1000,
        'POST',
        202,
        JSON.stringify(body),
        ...headers,
      ];
      return async () => {
        await servers.client.query('TRUNCATE sluice.tasks CASCADE');
        return Number((await promisify(execFile)(process.execPath, args.map(String))).stdout);
      };
    };
    const rounds = await alternate(
      options.rounds,
      {
        bare: post(`${bare.found}/one`, ONE, options.connections),
        sluice: post(`${sluice.url}/v1/tasks`, ONE, options.connections, lines),
        addBulk: post(`${bare.found}/bulk`, BATCH, 4),
        batches: post(`${sluice.url}/v1/tasks/batch`, BATCH, 4, lines),
      },
      (round, given) => print(`round ${round}: ${JSON.stringify(given)}`),
    );
    const ratio = (name, to) => medianOf(rounds, (given) => given[name] / given[to]);
    return {
      figures: [
        { what: 'one each, to a bare route with one INSERT', value: ratio('sluice', 'bare'), atLeast: 0.8 },
        { what: 'batches of 1,000, to raw addBulk', value: ratio('batches', 'addBulk'), atLeast: 0.5 },
      ],
      details: {
        connections: options.connections,
        perSecond: Object.fromEntries(
          ['bare', 'sluice', 'addBulk', 'batches'].map((name) => [
            name,
            medianOf(rounds, (given) => given[name]),
          ]),
        ),
      },
    };
  } finally {
    await sluice.stop();
    await stopProcess(bare);
  }
}
