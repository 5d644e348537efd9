// (w) What traces cost: this build with OTEL_EXPORTER_OTLP_ENDPOINT against the same without, each with servers of its own, in turns. The
// collector takes what is sent and throws it away. Processor time is told beside time: it does not depend on what else the machine does.
import http from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import { generateMany, importAll } from './many.mjs';
import { startServers, startSluice, usedCpuMs } from './processes.mjs';
import { alternate, medianOf } from './rounds.mjs';
import { generate, SHAPES } from './shapes.mjs';

export const title = 'with traces / without';
const MB = 1_000_000;

export async function measure({ servers, options, print }) {
  const collector = await startCollector();
  const traced = await startServers();
  const houses = { without: servers, traced };
  const running = {};
  try {
    running.without = await startSluice(servers, { slots: options.slots });
    running.traced = await startSluice(traced, {
      slots: options.slots,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    });
    const turns = (rounds, work, tell) =>
      alternate(
        rounds,
        Object.fromEntries(
          Object.keys(houses).map((name) => [name, () => work(houses[name], running[name])]),
        ),
        (round, found) => print(`${tell}, round ${round}: ${JSON.stringify(found)}`),
      );
    const shape = SHAPES.customers;
    const large = await turns(
      options.rounds,
      (on, sluice) => measured(sluice, () => importLarge(on, sluice, shape, options.mb)),
      'a large file',
    );
    const contents = await generateMany(servers.folder, options.many);
    const many = await turns(
      options.manyRounds,
      (on, sluice) => measured(sluice, () => importAll(on, sluice, contents)),
      'many small files',
    );
    const ratio = (rounds, what) => medianOf(rounds, (round) => round.traced[what] / round.without[what]);
    return {
      figures: [
        { what: `a file of ${options.mb} MB, time`, value: ratio(large, 'ms') },
        { what: `a file of ${options.mb} MB, processor time`, value: ratio(large, 'cpuMs') },
        { what: `${options.many} small files, time`, value: ratio(many, 'ms') },
        { what: `${options.many} small files, processor time`, value: ratio(many, 'cpuMs') },
      ],
      details: { large, many, spanRequests: collector.requests(), spanBytes: collector.bytes() },
    };
  } finally {
    for (const sluice of Object.values(running)) await sluice.stop();
    await traced.stop();
    collector.close();
  }
}

/** Of API and worker together. */
async function measured(sluice, work) {
  const used = () => usedCpuMs(sluice.api) + usedCpuMs(sluice.workers[0]);
  const [cpuBefore, began] = [used(), performance.now()];
  await work();
  return { ms: Math.round(performance.now() - began), cpuMs: Math.round(used() - cpuBefore) };
}

async function importLarge({ client, folder }, sluice, shape, megabytes) {
  const file = path.join(folder, 'traced.csv');
  const rows = await generate(file, shape, { bytes: megabytes * MB });
  await client.query(`TRUNCATE ${shape.dataset.target.table}`);
  await sluice.importFile(shape.dataset.name, file, rows);
}

async function startCollector() {
  let requests = 0;
  let bytes = 0;
  const server = http.createServer((request, response) => {
    requests += 1;
    request
      .on('data', (part) => (bytes += part.length))
      .on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests: () => requests,
    bytes: () => bytes,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
