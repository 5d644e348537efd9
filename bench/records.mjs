// (v) The API over records: one by its id and a page of 100 against the same SQL through bare Fastify + pg, a CSV of all of them against
// `\copy to`, and 1,000 new ones in one POST against an import of the same rows.
import { execFile } from 'node:child_process';
import { createWriteStream, readFileSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { to as copyTo } from 'pg-copy-streams';
import { startNode, startSluice, stopProcess, versionOf } from './processes.mjs';
import { alternate, median, medianOf } from './rounds.mjs';
import { columnsOf, generate, KEYED_SHAPES, SHAPES } from './shapes.mjs';

export const title = 'records / the same by bare means';
const READ_GOAL = 0.8;
const EXPORT_GOAL = 0.8;
const CREATE_GOAL = 0.5;
const SHAPE = KEYED_SHAPES['one table'];
const ROWS = 200_000;
const NEW = 1000;
/** Of creates, which take some milliseconds each. */
const CREATES_A_ROUND = 10;
const here = (name) => path.join(import.meta.dirname, name);
const FILLED = ['created_at', 'updated_at', 'created_by', 'updated_by', 'import_id', 'import_row'];

export async function measure({ servers, options, print }) {
  const sluice = await startSluice(servers);
  try {
    const file = path.join(servers.folder, 'records.csv');
    await generate(file, SHAPE, { rows: ROWS });
    await servers.client.query('TRUNCATE members');
    await sluice.importFile('members', file, ROWS);
    await servers.client.query('VACUUM ANALYZE members');
    const reads = await measureReads({ servers, options, print, sluice });
    const exports = await measureExports({ servers, options, print, sluice });
    const creates = await measureCreates({ servers, options, print, sluice });
    await servers.client.query('TRUNCATE members, readings; DROP TABLE readings_existing');
    rmSync(file);
    return {
      figures: [...reads.figures, ...exports.figures, ...creates.figures],
      details: { reads: reads.details, exports: exports.details, creates: creates.details },
    };
  } finally {
    await sluice.stop();
  }
}

async function measureReads({ servers, options, print, sluice }) {
  const columns = ['id', ...columnsOf(SHAPE), ...FILLED].join(', ');
  const bare = await startNode([here('bare-records.mjs')], /listening on (http:[^"]+)"/, {
    ...servers.env,
    BENCH_COLUMNS: columns,
  });
  try {
    // Each connection asks for another record, and another page.
    const { rows } = await servers.client.query(
      `SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS at FROM members) t WHERE at % 500 = 0 LIMIT ${options.connections}`,
    );
    const ids = rows.map(({ id }) => id);
    const headers = Object.entries(sluice.headers).map(([name, value]) => `${name}: ${value}`);
    const ask = (urls) => async () => {
      const timing = [options.connections, options.seconds * 1000, 'GET', 200, ''];
      const args = [here('kept-client.mjs'), urls.join(' '), ...timing, ...headers];
      const { stdout } = await promisify(execFile)(process.execPath, args.map(String));
      return Number(stdout);
    };
    const records = `${sluice.url}/v1/datasets/members/records`;
    const pages = [];
    for (let cursor = ''; pages.length < options.connections;) {
      const answer = await fetch(`${records}?limit=500${cursor}`, { headers: sluice.headers });
      cursor = `&cursor=${(await answer.json()).nextCursor}`;
      pages.push(`${records}?limit=100${cursor}`);
    }
    const found = await alternate(
      options.rounds,
      {
        'one, bare': ask(ids.map((id) => `${bare.found}/plain/one/${id}`)),
        'one, bare, prepared': ask(ids.map((id) => `${bare.found}/prepared/one/${id}`)),
        'one, sluice': ask(ids.map((id) => `${records}/${id}`)),
        'list, bare': ask(ids.map((id) => `${bare.found}/plain/list/${id}`)),
        'list, bare, prepared': ask(ids.map((id) => `${bare.found}/prepared/list/${id}`)),
        'list, sluice': ask(pages),
        'the same list, sluice': ask([records]),
      },
      (round, given) =>
        print(
          `round ${round}: ${Object.entries(given)
            .map(([name, rate]) => `${name} ${rate}/s`)
            .join('; ')}`,
        ),
    );
    const ratio = (name, to) => medianOf(found, (given) => given[name] / given[to]);
    return {
      figures: [
        { what: 'one by its id / bare route', value: ratio('one, sluice', 'one, bare'), atLeast: READ_GOAL },
        { what: 'one by its id / bare route, prepared', value: ratio('one, sluice', 'one, bare, prepared') },
        {
          what: 'a list of 100 / bare route',
          value: ratio('list, sluice', 'list, bare'),
          atLeast: READ_GOAL,
        },
        {
          what: 'a list of 100 / bare route, prepared',
          value: ratio('list, sluice', 'list, bare, prepared'),
        },
      ],
      details: {
        connections: options.connections,
        perSecond: Object.fromEntries(
          Object.keys(found[0]).map((name) => [name, medianOf(found, (given) => given[name])]),
        ),
      },
    };
  } finally {
    await stopProcess(bare);
  }
}

async function measureExports({ servers, options, print, sluice }) {
  const file = path.join(servers.folder, 'export.csv');
  const sql = `SELECT ${columnsOf(SHAPE).join(', ')} FROM members`;
  const psql = versionOf('psql');
  const fetched = (query) => () =>
    timed(() => download(`${sluice.url}/v1/datasets/members/records.csv${query}`, sluice.headers, file));
  const found = await alternate(
    options.rounds,
    {
      copy: () =>
        timed(() =>
          psql === null
            ? pipeline(
                servers.client.query(copyTo(`COPY (${sql}) TO STDOUT WITH (FORMAT csv, HEADER)`)),
                createWriteStream(file),
              )
            : promisify(execFile)('psql', [
                servers.databaseUrl,
                '-qc',
                `\\copy (${sql}) TO '${file}' WITH (FORMAT csv, HEADER)`,
              ]),
        ),
      raw: fetched('?raw=true'),
      guarded: fetched(''),
    },
    (round, given) =>
      print(
        `export, round ${round}: ${Object.entries(given)
          .map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`)
          .join(', ')}`,
      ),
  );
  const { size } = statSync(file);
  rmSync(file);
  return {
    figures: [
      {
        what: 'CSV / \\copy to, raw',
        value: medianOf(found, ({ copy, raw }) => copy / raw),
        atLeast: EXPORT_GOAL,
      },
      {
        what: 'CSV / \\copy to, guarded against formulas',
        value: medianOf(found, ({ copy, guarded }) => copy / guarded),
        atLeast: EXPORT_GOAL,
      },
    ],
    details: {
      rows: ROWS,
      bytes: size,
      ms: Object.fromEntries(
        Object.keys(found[0]).map((name) => [name, medianOf(found, (each) => each[name])]),
      ),
    },
  };
}

async function measureCreates({ servers, options, print, sluice }) {
  const { client, folder } = servers;
  const fields = columnsOf(SHAPES.narrow);
  await client.query(
    `CREATE TABLE readings_existing (id bigserial PRIMARY KEY, sensor text NOT NULL, measured_on date NOT NULL, value numeric, samples integer)`,
  );
  const existing = { name: 'readings-existing', target: { table: 'readings_existing', existing: true } };
  await send(sluice, 'PUT', '/v1/datasets/readings-existing', JSON.stringify(existing));
  const file = path.join(folder, 'new.csv');
  await generate(file, SHAPES.narrow, { rows: NEW });
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const body = JSON.stringify(
    lines.map((line) => {
      const [sensor, day, value, samples] = line.split(',');
      return Object.fromEntries(
        [sensor, day, Number(value), Number(samples)].map((each, at) => [fields[at], each]),
      );
    }),
  );
  const each = async (run) => {
    const taken = [];
    for (let at = 0; at < CREATES_A_ROUND; at++) {
      await client.query('TRUNCATE readings, readings_existing');
      taken.push(await timed(run));
    }
    return median(taken);
  };
  const post = (dataset) => () => each(() => send(sluice, 'POST', `/v1/datasets/${dataset}/records`, body));
  const found = await alternate(
    options.rounds,
    {
      import: () =>
        each(async () => {
          const id = await sluice.send('readings', readFileSync(file));
          await sluice.ended(id, 1);
        }),
      post: post('readings'),
      'post into a table that exists': post('readings-existing'),
    },
    (round, given) =>
      print(
        `${NEW} new, round ${round}: ${Object.entries(given)
          .map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`)
          .join(', ')}`,
      ),
  );
  rmSync(file);
  const ratio = (name) => medianOf(found, (given) => given.import / given[name]);
  return {
    figures: [
      { what: `${NEW} in one POST / import of them`, value: ratio('post'), atLeast: CREATE_GOAL },
      {
        what: '… into a table that exists',
        value: ratio('post into a table that exists'),
        atLeast: CREATE_GOAL,
      },
    ],
    details: Object.fromEntries(
      Object.keys(found[0]).map((name) => [name, medianOf(found, (given) => given[name])]),
    ),
  };
}

const agent = new http.Agent({ keepAlive: true });

async function send({ url, headers }, method, place, body) {
  const answer = await new Promise((resolve, reject) => {
    const request = http.request(
      url + place,
      { method, agent, headers: { ...headers, 'content-type': 'application/json' } },
      resolve,
    );
    request.once('error', reject);
    request.end(body);
  });
  let text = '';
  for await (const part of answer.setEncoding('utf8')) text += part;
  if (answer.statusCode !== 201) throw new Error(`Not created: ${answer.statusCode} ${text.slice(0, 500)}`);
}

async function download(url, headers, file) {
  const answer = await new Promise((resolve, reject) => {
    http.get(url, { agent, headers }, resolve).once('error', reject);
  });
  if (answer.statusCode !== 200) throw new Error(`Not exported: ${answer.statusCode}`);
  await pipeline(answer, createWriteStream(file));
}

async function timed(run) {
  const began = performance.now();
  await run();
  return performance.now() - began;
}
