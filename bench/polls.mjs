// (d) Polls/s of GET /v1/tasks/{id} against a bare Fastify route that does one select by primary key with pg.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { startNode, startSluice, stopProcess } from './processes.mjs';
import { alternate, medianOf } from './rounds.mjs';
import { generate, SHAPES } from './shapes.mjs';

export const title = 'polls / bare route';
const LEAST = 0.8;
const here = (name) => path.join(import.meta.dirname, name);

export async function measure({ servers, options, print }) {
  const { dataset } = SHAPES.customers;
  const bare = await startNode([here('bare-polls.mjs')], /listening on (http:[^"]+)"/, servers.env);
  const sluice = await startSluice(servers);
  try {
    const file = path.join(servers.folder, 'polls.csv');
    await generate(file, SHAPES.customers, { rows: 10 });
    const id = await sluice.send(dataset.name, readFileSync(file));
    await sluice.ended(id, 20);
    const { headers } = sluice;
    const url = `${sluice.url}/v1/tasks/${id}`;
    const etag = (await fetch(url, { headers })).headers.get('etag');

    /** @returns answers per second */
    const poll = (to, { status = 200, headers: sent = {} } = {}) => {
      const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}`);
      const args = [
        here('kept-client.mjs'),
        to,
        options.connections,
        options.seconds * 1000,
        'GET',
        status,
        '',
        ...lines,
      ];
      return async () => Number((await promisify(execFile)(process.execPath, args.map(String))).stdout);
    };
    const contestants = {
      bare: poll(`${bare.found}/plain/${id}`),
      'bare, prepared': poll(`${bare.found}/prepared/${id}`),
      sluice: poll(url, { headers }),
      'sluice, 304': poll(url, { status: 304, headers: { ...headers, 'if-none-match': etag } }),
    };
    const rounds = await alternate(options.rounds, contestants, (round, given) =>
      print(
        `round ${round}: ${Object.entries(given)
          .map(([name, rate]) => `${name} ${rate}/s`)
          .join('; ')}`,
      ),
    );
    const ratio = (name, to) => medianOf(rounds, (given) => given[name] / given[to]);
    return {
      figures: [
        { what: 'bare route', value: ratio('sluice', 'bare'), atLeast: LEAST },
        { what: 'bare route, prepared', value: ratio('sluice', 'bare, prepared'), atLeast: LEAST },
        { what: '304 to bare route', value: ratio('sluice, 304', 'bare') },
      ],
      details: {
        connections: options.connections,
        pollsPerSecond: Object.fromEntries(
          Object.keys(contestants).map((name) => [name, medianOf(rounds, (given) => given[name])]),
        ),
      },
    };
  } finally {
    await sluice.stop();
    await stopProcess(bare);
  }
}
