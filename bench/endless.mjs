// (h) The most memory API and worker have had resident for files that look endless: one line of many MB, plain and quoted, and a
// quote at the beginning of a large file that is never closed. Sent as streams, to fresh processes for each; what must become of
// the records around is checked.
import { peakMegabytes, startSluice } from './processes.mjs';
import { SHAPES } from './shapes.mjs';

export const title = 'peak memory for endless lines and quotes, MB';
const MOST_MB = 200;
const MB = 1_000_000;
const HEADER = 'name,filler\n';
const GOOD = '山田太郎,x\n';
const FILLER = Buffer.alloc(MB, 'x');
/** A thousand records of 1,000 bytes. */
const RECORDS = Buffer.from(`${'山田太郎,'.padEnd(991, 'x')}\n`.repeat(1000));

async function* file(before, middle, times, behind) {
  yield Buffer.from(HEADER + GOOD + before);
  for (let at = 0; at < times; at++) yield middle;
  yield Buffer.from(behind + GOOD);
}

export async function measure({ servers, options: { lineMb, quoteMb, slots }, print }) {
  const { dataset } = SHAPES.customers;
  const files = [
    { what: `a line of ${lineMb} MB`, content: file('', FILLER, lineMb, ',x\n'), loaded: 2 },
    { what: `a quoted line of ${lineMb} MB`, content: file('"', FILLER, lineMb, '",x\n'), loaded: 2 },
    {
      what: `an open quote, then ${quoteMb} MB`,
      content: file('"山田太郎,x\n', RECORDS, quoteMb, ''),
      loaded: 2 + 1000 * quoteMb,
    },
  ];
  const details = [];
  for (const { what, content, loaded } of files) {
    const sluice = await startSluice(servers, { slots });
    try {
      const began = performance.now();
      const id = await sluice.send(dataset.name, content, '&unknownColumns=ignore');
      const { result } = await sluice.ended(id, 100);
      if (result.loaded !== loaded || result.rejected !== 1)
        throw new Error(`${what}: all but one record should have landed: ${JSON.stringify(result)}`);
      details.push({
        what,
        seconds: Math.round((performance.now() - began) / 1000),
        workerPeakMb: peakMegabytes(sluice.workers[0]),
        apiPeakMb: peakMegabytes(sluice.api),
      });
    } finally {
      await sluice.stop();
      await servers.client.query(`TRUNCATE ${dataset.target.table}`);
    }
    const { workerPeakMb, apiPeakMb, seconds } = details.at(-1);
    print(`${what}: worker ${workerPeakMb} MB, API ${apiPeakMb} MB, ${seconds} s`);
  }
  const figures = details.flatMap(({ what, workerPeakMb, apiPeakMb }) => [
    { what: `worker, ${what}`, value: workerPeakMb, atMost: MOST_MB },
    { what: `API, ${what}`, value: apiPeakMb, atMost: MOST_MB },
  ]);
  return { figures, details };
}
