// (j) A file that is nothing but broken records, in several shapes, against one of as many records that are rejected for a plain reason
// (a cell too many): by the clock and by processor time (worker and Postgres), which other load disturbs less. Fresh processes for
// each, whose peak memory is told.
import { peakMegabytes, startSluice, usedByPostgresMs, usedCpuMs } from './processes.mjs';
import { alternate, median, medianOf } from './rounds.mjs';
import { SHAPES } from './shapes.mjs';

export const title = 'plain rejects / broken records, as many of each';
const LEAST = 0.5;
const MOST_MB = 200;
const HEADER = 'name,filler\n';
/** Lines of one block, which is sent again and again. */
const BLOCK_LINES = 12_000;

const PLAIN = ['a,b,c\n'];
const HALF_PLAIN = ['ab,cd\n', 'a,b,c\n'];
/** The lines, the share of them that is rejected, and those of the rival. */
const FILES = {
  'text after a quote': { lines: ['"a"b\n'], share: 1, rival: PLAIN },
  'text after a quote, many widths': {
    lines: ['"a"b\n', 'x,"y"z\n', '"a"b,c,d,e\n'],
    share: 1,
    rival: PLAIN,
  },
  'every second line': { lines: ['ab,cd\n', '"a"b,c\n'], share: 0.5, rival: HALF_PLAIN },
  'a quote opened on every second line': {
    lines: ['ab,cd\n', 'ab,"c\n'],
    share: 0.5,
    rival: HALF_PLAIN,
  },
};

async function* fileOf(lines, records) {
  const block = Buffer.from(lines.join('').repeat(BLOCK_LINES / lines.length));
  yield Buffer.from(HEADER);
  for (let at = 0; at < records; at += BLOCK_LINES) yield block;
}

export async function measure({ servers, options: { brokenRecords, brokenRounds, slots }, print }) {
  const records = Math.ceil(brokenRecords / BLOCK_LINES) * BLOCK_LINES;
  const details = {};
  for (const [what, { lines, share, rival }] of Object.entries(FILES)) {
    const run = (sent) => importFile({ servers, slots }, sent, records, records * share);
    const rounds = await alternate(
      brokenRounds,
      { plain: () => run(rival), broken: () => run(lines) },
      (round, { plain, broken }) =>
        print(`${what}, round ${round}: plain ${describe(plain)}; broken ${describe(broken)}`),
    );
    details[what] = {
      records,
      byClock: medianOf(rounds, ({ plain, broken }) => plain.workMs / broken.workMs),
      byProcessor: medianOf(rounds, ({ plain, broken }) => plain.cpuMs / broken.cpuMs),
      workerPeakMb: median(rounds.map(({ broken }) => broken.workerPeakMb)),
      plainWorkerPeakMb: median(rounds.map(({ plain }) => plain.workerPeakMb)),
    };
  }
  const figures = Object.entries(details).flatMap(([what, { byClock, byProcessor, workerPeakMb }]) => [
    { what, value: byClock, atLeast: LEAST },
    { what: `${what}, processor time`, value: byProcessor, atLeast: LEAST },
    { what: `worker MB, ${what}`, value: workerPeakMb, atMost: MOST_MB },
  ]);
  return { figures, details };
}

async function importFile({ servers, slots }, lines, records, rejected) {
  const { dataset } = SHAPES.customers;
  const sluice = await startSluice(servers, { slots });
  const [worker] = sluice.workers;
  try {
    const used = () => usedCpuMs(worker) + usedByPostgresMs(servers);
    const before = used();
    const id = await sluice.send(dataset.name, fileOf(lines, records), '&unknownColumns=ignore');
    const { result, startedAt, finishedAt } = await sluice.ended(id, 100);
    if (result.records !== records || result.rejected !== rejected)
      throw new Error(`Not what was to become of the records: ${JSON.stringify(result)}`);
    return {
      workMs: new Date(finishedAt) - new Date(startedAt),
      cpuMs: used() - before,
      workerPeakMb: peakMegabytes(worker),
    };
  } finally {
    await sluice.stop();
    await servers.client.query(`TRUNCATE ${dataset.target.table}`);
  }
}

const describe = ({ workMs, cpuMs, workerPeakMb }) =>
  `${(workMs / 1000).toFixed(1)} s (${(cpuMs / 1000).toFixed(1)} s of processor time, worker ${workerPeakMb} MB)`;
