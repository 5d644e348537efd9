// The storm: round by round a seeded file is imported while faults strike, and what has become of it is held against the truth.
import { inspect } from 'node:util';
import { compare, compareDryRun, countRejects, isDirect, type ImportPlan } from './compare.ts';
import { FAULT_KINDS, strike, type FaultKind } from './faults.ts';
import { makeFile, type DatasetName } from './files.ts';
import { openHouse, type HouseForm, type StormHouse } from './house.ts';
import { readOutcome, untilEnded, type Outcome } from './outcome.ts';
import { startReader } from './reader.ts';
import { retryRejects } from './retries.ts';
import {
  drawFaults,
  earlyFault,
  faultDeeds,
  Story,
  untilDone,
  untilQuiet,
  type FaultDeed,
  type Round,
  type RoundPlan,
  type Storm,
} from './round.ts';
import { createRandom, type Random } from './random.ts';
import { countOrphans, emptyTables, keysOf, readRows, rowKey, type StoredRows } from './table-model.ts';
import { compareTasks, putTasksIn } from './tasks.ts';
import { upload } from './upload.ts';
import { compareWebhooks } from './webhooks.ts';
import { waitFor } from '../support/wait-for.ts';

export interface StormOptions {
  readonly seed: number;
  readonly rounds: number;
  /** No round begins later. */
  readonly minutes: number;
  /** Files have at most so many records. */
  readonly mostRecords?: number;
  readonly form: HouseForm;
  readonly say: (line: string) => void;
}

export interface StormResult {
  readonly rounds: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** Of the round that ended the storm. */
  readonly differences: readonly string[];
  /** "200 rounds, 321 faults (…), 0 differences, seed 7" */
  readonly closingLine: string;
}

const MOST_RECORDS = 200_000;
/** A file has half of it to all of it. Keys that stand already take their time. */
const RECORDS: Readonly<Record<DatasetName, readonly number[]>> = {
  members: [1, 500, 1000, 2000, 2000, 4000, 4000, 10_000],
  orders: [1, 500, 1000, 2000, 4000, 8000],
  visits: [1, 500, 3000, 6000, 6000, 12_000, 25_000, 25_000, 50_000, 200_000],
};
type Mode = Pick<ImportPlan, 'mode' | 'onError'>;
const DIRECT: Mode = { mode: 'insert', onError: 'reject' };
const ABORT: Mode = { mode: 'insert', onError: 'abort' };
const UPSERT: Mode = { mode: 'upsert', onError: 'reject' };
const UPSERT_ABORT: Mode = { mode: 'upsert', onError: 'abort' };
const REPLACE: Mode = { mode: 'replace', onError: 'reject' };
const REPLACE_ABORT: Mode = { mode: 'replace', onError: 'abort' };
const MODES: Readonly<Record<DatasetName, readonly Mode[]>> = {
  members: [DIRECT, DIRECT, ABORT, UPSERT, UPSERT, UPSERT_ABORT, REPLACE, REPLACE_ABORT],
  orders: [DIRECT, DIRECT, ABORT, UPSERT, UPSERT, UPSERT_ABORT, REPLACE],
  visits: [DIRECT, DIRECT, ABORT, REPLACE],
};
/** Tables with more rows are emptied before the next round. */
const MOST_ROWS = 20_000;
const SWEEP_TIMEOUT_MS = 20_000;

export async function runStorm(options: StormOptions): Promise<StormResult> {
  const { seed, say } = options;
  const counts = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  const house = await openHouse(options.form);
  const until = Date.now() + options.minutes * 60_000;
  if (options.form.storage === 'folder' && house.storage.fill === undefined)
    say('No disk is filled: that takes the right to mount a small one (as root).');
  const storm: Storm = {
    house,
    counts,
    tables: { members: new Map(), visits: new Map(), orders: new Map() },
  };
  let differences: readonly string[] = [];
  let round = 0;
  try {
    while (round < options.rounds && Date.now() < until && differences.length === 0) {
      round++;
      // Each round draws from a source of its own, so that it is the same however many came before.
      const random = createRandom(Math.imul(seed, 1_000_003) + round);
      const story = new Story();
      try {
        differences = await runRound(storm, random, options.mostRecords ?? MOST_RECORDS, story);
      } catch (error) {
        differences = [inspect(error)];
      }
      say(`${differences.length === 0 ? 'ok' : 'DIFFERS'} round ${round}: ${story.text()}`);
    }
    if (differences.length === 0) differences = await compareTasks(house);
    if (differences.length === 0) differences = await compareWebhooks(house);
    if (differences.length === 0) differences = await leftovers(house);
    if (differences.length > 0) {
      say(`Seed ${seed}, round ${round}:`);
      for (const difference of differences) say(`  ${difference}`);
      say(`  What the processes said is in ${await house.keepLogs()}`);
    }
  } finally {
    await house.stop({ keepFolder: differences.length > 0 });
  }
  return {
    rounds: round,
    faults: counts,
    differences,
    closingLine: closingLine(round, counts, differences, seed),
  };
}

/** @returns what differs from the truth */
async function runRound(
  storm: Storm,
  random: Random,
  mostRecords: number,
  story: Story,
): Promise<readonly string[]> {
  const { house } = storm;
  const plan = await drawRound(storm, random, mostRecords);
  const { dataset, records, bytes } = plan.file;
  story.tell(`${describePlan(plan)}, ${records.length} ${dataset}, ${bytes.length} bytes`);
  const lasting: Promise<void>[] = [];
  const round: Round = {
    storm,
    plan,
    story,
    before: storm.tables[dataset],
    async hit(kind) {
      story.tell(kind);
      const { over } = await strike(house, kind, random);
      lasting.push(over.then(() => story.tell(`${kind} over`)));
      storm.counts[kind]++;
    },
    calm: () => Promise.all(lasting),
  };
  const reader = isDirect(plan) ? undefined : await startReader(house.pool, dataset);

  await putTasksIn(house, random);
  const early = earlyFault(plan.faults);
  const { importId, refusals } = await upload(house, plan.file, {
    key: `storm-${random.integer(0, 2 ** 48)}`,
    options: optionsOf(plan),
    way: plan.way,
    ...(early ? { midway: () => round.hit(early.kind) } : {}),
  });
  story.tellRefusals(refusals);
  story.tell(`import ${importId}`);
  const deeds = deedsOf(plan);
  // Of a dry run half of them are left for its commit.
  const deedsLater = plan.dryRun ? deeds.splice(deeds.length >>> 1) : [];
  let { found, isDone, outcome } = await followImport(round, importId, deeds);
  const commitIds: string[] = [];
  if (plan.dryRun && isDone) {
    const commitId = await ask(house, `/v1/imports/${importId}/commit`);
    story.tell(`commit ${commitId}`);
    const commit: Round = { ...round, plan: { ...plan, dryRun: false, isCommit: true } };
    ({ found, isDone, outcome } = await followImport(commit, commitId, deedsLater));
    commitIds.push(commitId);
  }
  const between = (await reader?.end()) ?? 0;
  if (between > 0) found.push(`readers have seen ${between} states between before and after`);
  if (plan.undo && isDone) found.push(...(await undo(round, importId)));
  // A dry run's are not retried.
  const hasEnded = found.length === 0 && (!plan.dryRun || commitIds.length > 0);
  if (plan.retry && outcome && hasEnded) found.push(...(await retryRejects(round, random, outcome)));
  // A small disk is needed for the next one.
  for (const id of [importId, ...commitIds]) await house.storage.removeImport(id);
  story.tell('compared');
  return found;
}

interface Followed {
  found: string[];
  /** It has succeeded as it should. */
  isDone: boolean;
  /** Of an import that has ended as it should. */
  outcome?: Outcome;
}

/** Lets an import come to its end among its deeds. */
async function followImport(
  { storm, plan, story, before, hit, calm }: Round,
  importId: string,
  deeds: readonly Deed[],
): Promise<Followed> {
  const { house } = storm;
  for (const deed of deeds) {
    await untilDone(house, importId, deed.at);
    if (deed.kind === 'cancel')
      story.tell(`cancel ${deed.rows}: ${await cancel(house, importId, deed.rows)}`);
    else await hit(deed.kind);
  }
  const task = await untilEnded(house, importId);
  story.tell(task.error?.code ?? task.status);
  await calm();
  await untilQuiet(house);
  if (house.deaths.length > 0) return { found: [...house.deaths], isDone: false };

  const ends = [expectedEnd(plan, before), ...(plan.cancel ? ['cancelled'] : [])];
  if (!ends.includes(task.error?.code ?? task.status)) {
    const end = `${task.status} ${JSON.stringify(task.error)}`;
    return { found: [`the import should have ended as ${ends.join(' or ')}: ${end}`], isDone: false };
  }
  const { dataset } = plan.file;
  const after = (storm.tables[dataset] = await readRows(house.pool, dataset));
  const outcome = await readOutcome(house, task);
  const evidence = { file: plan.file, plan, outcome, before, after };
  const isTried = plan.dryRun && task.status === 'succeeded';
  const found = isTried ? compareDryRun(evidence) : compare(evidence);
  const orphans = await countOrphans(house.pool, dataset);
  if (orphans > 0) found.push(`${orphans} linked rows belong to no row, or rows to no linked one`);
  return { found, isDone: found.length === 0 && task.status === 'succeeded', outcome };
}

/** The status, or the code of the error. */
function expectedEnd({ file, maxErrors, mode, ...rest }: RoundPlan, before: StoredRows): string {
  const rejects = countRejects(file, { ...rest, maxErrors, mode }, before);
  if (maxErrors !== null && rejects > maxErrors) return 'too-many-errors';
  return mode === 'replace' && rejects === file.records.length ? 'nothing-to-load' : 'succeeded';
}

/** Takes an import back, with the last fault of the round once more. @returns what differs from the table before the import */
async function undo({ storm, plan, story, before, hit, calm }: Round, importId: string): Promise<string[]> {
  const { house } = storm;
  const { dataset } = plan.file;
  const undoId = await ask(house, `/v1/imports/${importId}/undo`);
  const last = plan.faults.at(-1);
  if (last !== undefined) await hit(last.kind);
  const task = await untilEnded(house, undoId);
  story.tell(`undo ${task.error?.code ?? task.status}`);
  await calm();
  await untilQuiet(house);
  const landed = storm.tables[dataset].size - before.size;
  const after = (storm.tables[dataset] = await readRows(house.pool, dataset));
  const found = [...before.values()]
    .filter((row) => after.get(rowKey(row.importId, row.row))?.id !== row.id)
    .slice(0, 3)
    .map((row) => `undo: row ${row.row} of import ${row.importId} is gone`);
  if (after.size !== before.size) found.push(`undo: ${after.size} rows stand, ${before.size} stood before`);
  if (task.result?.['deleted'] !== landed)
    found.push(`undo: ${task.result?.['deleted']} rows are told to be taken back, ${landed} had landed`);
  const orphans = await countOrphans(house.pool, dataset);
  if (orphans > 0) found.push(`undo: ${orphans} linked rows are left`);
  return found;
}

/** Posts until it is taken; an answer that was lost is told by a 409. @returns the id of the new task */
function ask(house: StormHouse, path: string): Promise<string> {
  return waitFor(
    async () => {
      const response = await house.call(path, { method: 'POST' });
      const body = (await response.json()) as { id?: string; importId?: string; taskId?: string };
      return response.status === 202 ? body.id : (body.importId ?? body.taskId);
    },
    { what: `${path} to be taken` },
  );
}

function describePlan({ mode, onError, maxErrors, dryRun, way }: RoundPlan): string {
  const limit = maxErrors === null ? '' : ` maxErrors=${maxErrors}`;
  return `${mode} ${onError}${limit}${dryRun ? ' dryRun' : ''}${way === 'sent' ? '' : ` ${way}`}`;
}

function optionsOf({ mode, onError, maxErrors, dryRun }: RoundPlan): Record<string, string> {
  return {
    mode,
    onError,
    dryRun: String(dryRun),
    ...(maxErrors === null ? {} : { maxErrors: String(maxErrors) }),
  };
}

async function drawRound(storm: Storm, random: Random, mostRecords: number): Promise<RoundPlan> {
  const dataset = random.pick<DatasetName>(['members', 'members', 'orders', 'orders', 'visits']);
  if (storm.tables[dataset].size > MOST_ROWS || random.chance(0.1)) {
    await emptyTables(storm.house.pool, dataset);
    storm.tables[dataset] = new Map();
  }
  const known = [...keysOf(dataset, storm.tables[dataset])];
  const most = Math.min(mostRecords, random.pick(RECORDS[dataset]));
  const file = makeFile(random, { dataset, records: random.integer(Math.ceil(most / 2), most), known });
  const faults = drawFaults(random, storm.house);
  const cancel = random.chance(0.15)
    ? { at: random.next(), rows: random.pick(['keep', 'rollback'] as const) }
    : undefined;
  const { mode, onError } = random.pick(MODES[dataset]);
  const maxErrors =
    onError === 'abort' ? random.pick([0, 50, 1_000_000]) : random.pick([null, null, null, 50]);
  const dryRun = random.chance(0.2);
  const undo = mode === 'insert' && !dryRun && random.chance(0.25);
  const retry = !undo && random.chance(0.6);
  const way = random.pick(['sent', 'sent', 'looked-at', 'asked'] as const);
  return { file, faults, cancel, undo, retry, way, mode, onError, maxErrors, dryRun };
}

type Deed = FaultDeed | { readonly kind: 'cancel'; readonly at: number; readonly rows: 'keep' | 'rollback' };

/** What is done after the upload, in order. */
function deedsOf({ faults, cancel }: RoundPlan): Deed[] {
  const deeds: Deed[] = faultDeeds(faults);
  if (cancel !== undefined) deeds.push({ kind: 'cancel', ...cancel });
  return deeds.sort((a, b) => a.at - b.at);
}

/** @returns how it was answered */
function cancel(house: StormHouse, importId: string, rows: 'keep' | 'rollback'): Promise<number> {
  return waitFor(
    async () => {
      const { status } = await house.call(`/v1/tasks/${importId}?rows=${rows}`, { method: 'DELETE' });
      return [202, 409].find((answer) => answer === status);
    },
    { what: `the cancel of import ${importId} to be answered` },
  );
}

/** Uploads that died have left files, which the sweep of a worker that starts removes once they are old. Then nothing stays. */
async function leftovers(house: StormHouse): Promise<string[]> {
  await house.storage.age();
  // Of uploads whose answer was lost nobody knows the id.
  await house.pool.query('UPDATE sluice.uploads SET expires_at = now()');
  // The worker that starts sweeps at once, whoever did it last.
  await house.pool.query('DELETE FROM sluice.duty_turns');
  await house.workers[0]?.kill('SIGKILL');
  const left = async (): Promise<string[]> => {
    const { rows } = await house.pool.query<{ name: string }>(
      // A dry run's is kept for its commit.
      `SELECT relname AS name FROM pg_class
        WHERE relnamespace = 'sluice_staging'::regnamespace AND NOT EXISTS (
          SELECT FROM sluice.imports WHERE dry_run AND starts_with(relname, replace(id::text, '-', '')))`,
    );
    const uploads = await house.pool.query<{ id: string }>('SELECT id FROM sluice.uploads');
    return [
      ...(await house.storage.names()),
      ...uploads.rows.map(({ id }) => `upload ${id}`),
      ...rows.map(({ name }) => `sluice_staging.${name}`),
    ];
  };
  await waitFor(async () => (await left()).length === 0, {
    what: 'the sweeps',
    timeoutMs: SWEEP_TIMEOUT_MS,
  }).catch(() => undefined);
  return (await left()).map((name) => `${name} has not been removed`);
}

function closingLine(
  rounds: number,
  faults: Readonly<Record<FaultKind, number>>,
  differences: readonly string[],
  seed: number,
): string {
  const struck = FAULT_KINDS.filter((kind) => faults[kind] > 0);
  const total = struck.reduce((sum, kind) => sum + faults[kind], 0);
  const byKind = struck.map((kind) => `${faults[kind]} ${kind}`).join(', ');
  return `${rounds} rounds, ${total} faults (${byKind}), ${differences.length} differences, seed ${seed}`;
}
