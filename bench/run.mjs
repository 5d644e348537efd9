// `npm run bench`: what Sluice costs, each figure against a rival measured in the same run. Nothing is asserted.
//   --only a,c        these measures alone, by letter or name (default: all)
//   --mb N            size of each file of copy and s3, and a third of those of scale and beside (default 30)
//   --rounds N        rounds of copy, upload, polls and trouble (default 5)
//   --slots N         slots of the worker (default 2)
//   --memory A,B      sizes in MB of the files of memory (default 100,1000)
//   --upload-mb N     size of the file of upload (default 200)
//   --seconds N       length of a round of polls (default 3), --connections N its kept connections (default 50)
//   --duplicates A,B  rows of the files of duplicates (default 200000)
//   --refusals N      rows of each file of refusals (default 100000); --refusal-cases A,B only cases whose names hold these words
//   --imports N       imports of latency (default 200); --many N those of many (default 1000)
//   --line-mb N       length of the lines of endless (default 500), --quote-mb N size of its file with an open quote (default 1000)
//   --broken N        records of each file of broken (default 1500000)
//   duckdb installs DuckDB into bench/duckdb/node_modules the first time
//   --tasks N         tasks of each round of tasks (default 20000); it installs its rivals into bench/tasks/node_modules the first time
//   --troubled N      tasks of each rate of trouble (default 60000), --waiting N those that wait (default 1000000)
//   --listed N        tasks in the table of task-list (default 1000000)
//   --excel-rows A,B  rows of the workbooks of excel (default 100000,1000000)
//   --before DIR      the checkout, built, that before holds this one against (without it before is left out)
//   --json PATH       where the results go (default bench/results/<time>.json)
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine, startServers } from './processes.mjs';

const MEASURES = {
  a: 'copy',
  b: 'memory',
  c: 'upload',
  d: 'polls',
  e: 'latency',
  f: 'many',
  g: 'scale',
  h: 'endless',
  i: 'duplicates',
  j: 'refusals',
  k: 'broken',
  l: 'beside',
  m: 'before',
  n: 'duckdb',
  o: 'excel',
  p: 'tasks',
  q: 'trouble',
  r: 'enqueue',
  s: 'task-list',
  t: 's3',
  u: 'infer',
  v: 'records',
  w: 'traced',
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(MEASURES).join(',') },
    mb: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '5' },
    slots: { type: 'string', default: '2' },
    memory: { type: 'string', default: '100,1000' },
    'upload-mb': { type: 'string', default: '200' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '50' },
    imports: { type: 'string', default: '200' },
    many: { type: 'string', default: '1000' },
    'line-mb': { type: 'string', default: '500' },
    'quote-mb': { type: 'string', default: '1000' },
    duplicates: { type: 'string', default: '200000' },
    refusals: { type: 'string', default: '100000' },
    'refusal-cases': { type: 'string', default: '' },
    broken: { type: 'string', default: '1500000' },
    'excel-rows': { type: 'string', default: '100000,1000000' },
    tasks: { type: 'string', default: '20000' },
    troubled: { type: 'string', default: '60000' },
    waiting: { type: 'string', default: '1000000' },
    listed: { type: 'string', default: '1000000' },
    before: { type: 'string' },
    json: { type: 'string' },
  },
});
/** Measures whose rounds take long have fewer of them. */
const FEW_ROUNDS = 2;
const options = {
  mb: Number(values.mb),
  rounds: Number(values.rounds),
  slots: Number(values.slots),
  memory: values.memory.split(',').map(Number),
  uploadMb: Number(values['upload-mb']),
  seconds: Number(values.seconds),
  connections: Number(values.connections),
  imports: Number(values.imports),
  many: Number(values.many),
  lineMb: Number(values['line-mb']),
  quoteMb: Number(values['quote-mb']),
  manyRounds: Math.min(FEW_ROUNDS, Number(values.rounds)),
  duplicates: values.duplicates.split(',').map(Number),
  duplicateRounds: Math.min(FEW_ROUNDS, Number(values.rounds)),
  refusals: Number(values.refusals),
  refusalCases: values['refusal-cases'].split(','),
  excelRows: values['excel-rows'].split(',').map(Number),
  tasks: Number(values.tasks),
  troubled: Number(values.troubled),
  waiting: Number(values.waiting),
  listed: Number(values.listed),
  before: values.before,
  brokenRecords: Number(values.broken),
  brokenRounds: Math.min(FEW_ROUNDS, Number(values.rounds)),
  scaleRounds: Math.min(FEW_ROUNDS, Number(values.rounds)),
};
const chosen = values.only
  .split(',')
  .map((each) => MEASURES[each] ?? each)
  .filter((name) => name !== 'before' || values.before !== undefined);
for (const name of chosen)
  if (!Object.values(MEASURES).includes(name)) {
    console.error(`There is no measure "${name}". There are ${Object.values(MEASURES).join(', ')}.`);
    process.exit(1);
  }

const round2 = (number) =>
  number === null ? 'not told' : number >= 100 ? number.toFixed(0) : number.toFixed(2);

function verdict({ value, atLeast, atMost }) {
  if (atLeast !== undefined) return `${value >= atLeast ? 'reached' : 'MISSED'} (at least ${atLeast})`;
  if (atMost !== undefined)
    return `${value !== null && value <= atMost ? 'reached' : 'MISSED'} (at most ${atMost})`;
  return '';
}

const servers = await startServers();
const machine = await describeMachine(servers);
const results = { machine, options, measures: {} };
const began = new Date();
try {
  console.log(
    Object.entries(machine)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  );
  for (const name of chosen) {
    const { title, measure } = await import(`./${name}.mjs`);
    console.log(`\n${name}: ${title}`);
    const start = performance.now();
    const { figures, details } = await measure({
      servers,
      options,
      print: (line) => console.log(`  ${line}`),
    });
    const seconds = Math.round((performance.now() - start) / 1000);
    results.measures[name] = { title, figures, details, seconds };
  }
} finally {
  await servers.stop();
}

console.log('\nMedians');
for (const { title, figures } of Object.values(results.measures)) {
  console.log(title);
  for (const figure of figures)
    console.log(`  ${figure.what.padEnd(44)} ${round2(figure.value).padStart(8)}   ${verdict(figure)}`);
}
const file =
  values.json ??
  path.join(import.meta.dirname, 'results', `${began.toISOString().replaceAll(':', '-')}.json`);
mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
console.log(`\nWritten to ${file}`);
