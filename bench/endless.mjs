// `npm run bench -- --endless`: peak memory of API and worker for files that look endless: one line of many MB, plain and
// quoted, and a quote that is never closed at the beginning of many GB. Each by fresh processes; sent as a stream, never a file
// of the client's. What must become of the records around is checked.
//   --line-mb N   length of the one line (default 500)
//   --quote-mb N  size of the file with the open quote (default 4000)
import { parseArgs } from 'node:util';
import { machine, peakMegabytes, startSluice, writeResult } from './sluice.mjs';

const { values: options } = parseArgs({
  options: {
    endless: { type: 'boolean' },
    'line-mb': { type: 'string', default: '500' },
    'quote-mb': { type: 'string', default: '4000' },
  },
});
const MB = 1_000_000;
const HEADER = 'name,filler\n';
const FILLER = Buffer.alloc(MB, 'x');
/** A thousand records of 1,000 bytes. */
const RECORDS = Buffer.from(`${'山田太郎,'.padEnd(991, 'x')}\n`.repeat(1000));
const GOOD = '山田太郎,x\n';

async function* line(quote) {
  yield Buffer.from(`${HEADER}${GOOD}${quote}`);
  for (let mb = 0; mb < Number(options['line-mb']); mb++) yield FILLER;
  yield Buffer.from(`${quote},x\n${GOOD}`);
}

async function* openQuote() {
  yield Buffer.from(`${HEADER}${GOOD}"山田太郎,x\n`);
  for (let mb = 0; mb < Number(options['quote-mb']); mb++) yield RECORDS;
}

const CASES = [
  { name: 'one line', content: () => line(''), loaded: 2 },
  { name: 'one quoted line', content: () => line('"'), loaded: 2 },
  { name: 'an open quote', content: openQuote, loaded: 1 + 1000 * Number(options['quote-mb']) },
];

console.log(`${machine()}; peaks in MB, before and after\n`);
const results = {};
for (const { name, content, loaded } of CASES) {
  const sluice = await startSluice();
  try {
    const peaks = () => Object.values(sluice.pids).map(peakMegabytes);
    await sluice.ended(await sluice.send(Buffer.from(HEADER + GOOD), '&unknownColumns=ignore'), 20);
    const before = peaks();
    const began = performance.now();
    const id = await sluice.send(content(), '&unknownColumns=ignore');
    const sentMs = performance.now() - began;
    const { result } = await sluice.ended(id, 200);
    if (result.loaded !== loaded || result.rejected !== 1)
      throw new Error(`${name}: ${loaded} should have loaded and 1 been rejected: ${JSON.stringify(result)}`);
    const after = peaks();
    const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
    console.log(
      `${name.padEnd(16)} API ${before[0]} → ${after[0]}, worker ${before[1]} → ${after[1]}; ${loaded} loaded, 1 rejected; sent in ${seconds(sentMs)}, all in ${seconds(performance.now() - began)}`,
    );
    results[name] = { before, after, sentMs };
  } finally {
    await sluice.stop();
  }
}
writeResult('endless', results);
