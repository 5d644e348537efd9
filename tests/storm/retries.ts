// The rejects of a round's import are mended and sent again, under faults: by one or by two at once, again, and those of the retry too.
import { compareRetries, countRetryRejects, type RetryPlan, type RetryTruth } from './compare-retries.ts';
import type { StormRecord } from './files.ts';
import { readOutcome, untilEnded, type GivenRecord, type Outcome } from './outcome.ts';
import type { Random } from './random.ts';
import { startReader } from './reader.ts';
import { makeRetryFile, type RetryFile } from './retry-file.ts';
import {
  drawFaults,
  earlyFault,
  faultDeeds,
  untilDone,
  untilQuiet,
  type Faults,
  type Round,
} from './round.ts';
import { countOrphans, readRows } from './table-model.ts';
import { upload } from './upload.ts';

/** An import that has ended, with what was sent under each number. */
interface Parent {
  readonly outcome: Outcome;
  readonly records: ReadonlyMap<number, StormRecord>;
}

/** One file, and how it is sent. */
interface Attempt extends RetryPlan {
  readonly parent: Parent;
  readonly file: RetryFile;
  /** Two at once send it. */
  readonly twins: boolean;
  readonly faults: Faults;
}

interface Attempted {
  readonly found: readonly string[];
  /** One of them. */
  readonly retry: Parent;
}

/** What the retries of a round share. */
interface Retries extends Round {
  readonly random: Random;
  /** Numbers that they have landed. */
  readonly landed: Set<number>;
  /** They need their files until the last one has ended. */
  readonly ids: string[];
}

const NO_LIMIT: RetryPlan = { onError: 'reject', maxErrors: null };
const ALL_GOOD: RetryPlan = { onError: 'abort', maxErrors: 1_000_000 };
const PLANS: readonly RetryPlan[] = [
  NO_LIMIT,
  NO_LIMIT,
  ALL_GOOD,
  { onError: 'reject', maxErrors: 50 },
  { onError: 'abort', maxErrors: 0 },
];

/** @returns what differs */
export async function retryRejects(
  round: Round,
  random: Random,
  outcome: Outcome,
): Promise<readonly string[]> {
  const retries: Retries = { ...round, random, landed: new Set(), ids: [] };
  const { records } = round.plan.file;
  const parent = { outcome, records: new Map(records.map((record, at) => [at + 1, record])) };
  const drawn = draw(retries, parent, random.chance(0.3));
  const found = drawn === undefined ? [] : await retryTwice(retries, drawn);
  for (const id of retries.ids) await round.storm.house.storage.removeImport(id);
  return found;
}

/** The same file again must land nothing; or what the first had rejected is mended in its turn. */
async function retryTwice(retries: Retries, first: Attempt): Promise<readonly string[]> {
  const { random, landed } = retries;
  const { found, retry } = await attempt(retries, first);
  if (found.length > 0) return found;
  if (random.chance(0.6)) {
    const next = draw(retries, retry, false);
    return next === undefined ? [] : (await attempt(retries, next)).found;
  }
  const before = landed.size;
  const again = await attempt(retries, { ...first, ...NO_LIMIT, twins: false, faults: [] });
  if (retry.outcome.task.status === 'succeeded' && landed.size > before)
    return [...again.found, `the same retry again has landed ${landed.size - before} records`];
  return again.found;
}

/** @returns undefined when there is nothing to retry */
function draw({ storm, plan, random, landed }: Retries, parent: Parent, twins: boolean): Attempt | undefined {
  const { outcome, records } = parent;
  const rejects = [...new Map(retriable(outcome).map((reject) => [reject.row, reject])).values()];
  if (rejects.length === 0) return undefined;
  const file = makeRetryFile(random, {
    dataset: plan.file.dataset,
    records,
    rejects,
    landed: [...outcome.accepted.keys(), ...landed],
    // Which of two twins has the last word on a key is up to them.
    keysOnce: twins && plan.mode === 'upsert',
  });
  const how = random.pick(twins ? [NO_LIMIT, ALL_GOOD] : PLANS);
  return { ...how, parent, file, twins, faults: drawFaults(random, storm.house) };
}

/** Sends the file, strikes, and compares. What has landed is added to `landed`. */
async function attempt(
  { storm, plan, story, hit, calm, random, landed, ids: allIds }: Retries,
  { parent, file, twins, faults, onError, maxErrors }: Attempt,
): Promise<Attempted> {
  const { house } = storm;
  const { dataset } = file;
  story.tell(
    `${twins ? 'two retries' : 'retry'} ${onError} maxErrors=${maxErrors}, ${file.sent.length} records`,
  );
  const before = storm.tables[dataset];
  const truth: RetryTruth = {
    dataset,
    mode: plan.mode === 'upsert' ? 'upsert' : 'insert',
    open: new Set(
      retriable(parent.outcome)
        .map(({ row }) => row)
        .filter((row) => !landed.has(row)),
    ),
    before,
  };
  const isStaged = truth.mode === 'upsert' || onError === 'abort';
  const reader = isStaged && !twins ? await startReader(house.pool, dataset) : undefined;
  const early = earlyFault(faults);
  const uploads = await Promise.all(
    (twins ? [1, 2] : [1]).map((which) =>
      upload(house, file, {
        key: `storm-${random.integer(0, 2 ** 48)}`,
        retryOf: parent.outcome.task.id,
        options: { onError, ...(maxErrors === null ? {} : { maxErrors: String(maxErrors) }) },
        ...(early && which === 1 ? { midway: () => hit(early.kind) } : {}),
      }),
    ),
  );
  for (const { refusals } of uploads) story.tellRefusals(refusals);
  const ids = uploads.map(({ importId }) => importId);
  allIds.push(...ids);
  story.tell(ids.map((id) => `import ${id}`).join(', '));
  for (const { kind, at } of faultDeeds(faults)) {
    await untilDone(house, ids[0]!, at);
    await hit(kind);
  }
  const tasks = await Promise.all(ids.map((id) => untilEnded(house, id)));
  story.tell(tasks.map((task) => task.error?.code ?? task.status).join(', '));
  await calm();
  await untilQuiet(house);
  const between = (await reader?.end()) ?? 0;

  const after = (storm.tables[dataset] = await readRows(house.pool, dataset));
  const outcomes: Outcome[] = [];
  for (const task of tasks) outcomes.push(await readOutcome(house, task));
  const compared = compareRetries({
    ...truth,
    retries: outcomes.map((outcome) => ({ outcome, sent: file.sent })),
    after,
  });
  for (const row of compared.landed) landed.add(row);
  const found = [...house.deaths, ...compared.found];
  const rejects = countRetryRejects(truth, file.sent);
  const expected = !twins && maxErrors !== null && rejects > maxErrors ? 'too-many-errors' : 'succeeded';
  for (const { task, given } of outcomes) {
    const end = task.error?.code ?? task.status;
    if (end !== expected)
      found.push(`the retry should have ended as ${expected}: ${end} ${JSON.stringify(task.error)}`);
    if (!twins && end === 'succeeded' && given.rejects.length !== rejects)
      found.push(`the retry has ${given.rejects.length} rejects and should have ${rejects}`);
  }
  if (between > 0) found.push(`readers have seen ${between} states between before and after the retry`);
  const orphans = await countOrphans(house.pool, dataset);
  if (orphans > 0) found.push(`${orphans} linked rows belong to no row, or rows to no linked one`);
  return { found, retry: { outcome: outcomes[0]!, records: recordsOf(file) } };
}

/** What was refused as a retry is no reject that could be retried. */
function retriable({ given }: Outcome): GivenRecord[] {
  return given.rejects.filter(({ errors }) => !errors.includes('[retry-error]'));
}

function recordsOf({ sent }: RetryFile): Map<number, StormRecord> {
  return new Map(sent.map(({ row, record }) => [row, record]));
}
