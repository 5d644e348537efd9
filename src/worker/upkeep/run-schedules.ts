// The clock makes tasks. One worker leads at a time; that two believe to lead would do no harm, for a due time is recorded once.
import { randomFillSync } from 'node:crypto';
import { dueRuns } from '../../core/schedules/due-runs.ts';
import { nextRun } from '../../core/schedules/next-run.ts';
import { parseRule } from '../../core/schedules/rule.ts';
import { createUuidV7 } from '../../core/uuid.ts';
import { isUnavailable } from '../../db/errors.ts';
import {
  dueInMs,
  lead,
  recordRuns,
  setNextRuns,
  setTaskOfRun,
  takeDueSchedules,
  type DueSchedule,
} from '../../db/schedules/due-schedules.ts';
import { taskOf, timingOf } from '../../db/schedules/schedules.ts';
import { enqueueTasks } from '../../db/tasks/enqueue.ts';
import { inTransaction, type Tx } from '../../db/transaction.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

/** A schedule that is made or changed meanwhile is seen after this at the latest. */
const LONGEST_PAUSE_MS = 1000;
/** While another worker leads, or when there was just something to do. */
const SHORT_PAUSE_MS = 50;
const SCHEDULES_AT_ONCE = 500;
/** More of them in one transaction only if one schedule has missed so many. */
const RUNS_AT_ONCE = 1000;
/** One that fails must not keep the others waiting. */
const POSTPONED_MS = 60_000;

const newId = createUuidV7(randomFillSync);

/** A run to be made. */
interface PlannedRun {
  readonly id: string;
  readonly schedule: DueSchedule;
  readonly dueAt: Date;
}

interface Plan {
  readonly schedule: DueSchedule;
  readonly nextRunAt: Date | undefined;
  readonly runs: readonly PlannedRun[];
}

/** Makes the tasks of schedules that are due, about a second late at the most. */
export function runSchedules({ db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>): Duty {
  /** Schedules that have failed, and when they are tried again. */
  const postponed = new Map<string, number>();
  let pauseMs = LONGEST_PAUSE_MS;
  let atOnce = SCHEDULES_AT_ONCE;
  /** By the clock of Postgres: when this round has found the first that was due. */
  let seenAt: number | undefined;

  function postponedNow(): string[] {
    for (const [id, until] of postponed) if (until <= performance.now()) postponed.delete(id);
    return [...postponed.keys()];
  }

  /** @returns whether there may be more to do at once */
  async function runSome(): Promise<boolean> {
    let taken: readonly DueSchedule[] = [];
    try {
      const made = await inTransaction(db, async (tx) => {
        if (await lead(tx)) taken = await takeDueSchedules(tx, atOnce, postponedNow());
        seenAt ??= taken[0]?.now.getTime();
        return makeRuns(tx, plansOf(taken, seenAt));
      });
      for (const { id, schedule, dueAt } of made)
        logger.info({ schedule: schedule.id, task: id, dueAt }, `schedule "${schedule.name}" made a task`);
    } catch (error) {
      if (isUnavailable(error) || taken.length === 0) throw error;
      postponeFailed(taken, error);
    }
    return taken.length > 0;
  }

  /** Which of several has failed is not known: they are tried one by one. */
  function postponeFailed(taken: readonly DueSchedule[], error: unknown): void {
    const [schedule, other] = taken;
    if (other !== undefined) atOnce = 1;
    else {
      postponed.set(schedule!.id, performance.now() + POSTPONED_MS);
      logger.error(
        { err: error, schedule: schedule!.id },
        `schedule "${schedule!.name}" made no task; it is tried again in a minute`,
      );
    }
  }

  return {
    name: 'the running of schedules',
    get everyMs() {
      return pauseMs;
    },
    run: async () => {
      pauseMs = LONGEST_PAUSE_MS;
      atOnce = SCHEDULES_AT_ONCE;
      seenAt = undefined;
      const inMs = (await dueInMs(db, postponedNow())) ?? LONGEST_PAUSE_MS;
      if (inMs <= 0) while (await runSome());
      pauseMs = Math.min(Math.max(inMs, SHORT_PAUSE_MS), LONGEST_PAUSE_MS);
    },
  };
}

/** Those that go into one transaction; the others are taken again. */
function plansOf(taken: readonly DueSchedule[], seenAt: number | undefined): Plan[] {
  const plans: Plan[] = [];
  let runs = 0;
  for (const schedule of taken) {
    if (runs >= RUNS_AT_ONCE) break;
    const plan = planOf(schedule, seenAt);
    plans.push(plan);
    runs += plan.runs.length;
  }
  return plans;
}

function planOf(schedule: DueSchedule, seenAt: number | undefined): Plan {
  const rule = parseRule(timingOf(schedule), schedule.timedAt);
  const now = schedule.now.getTime();
  const firstDue = schedule.nextRunAt?.getTime() ?? Infinity;
  // Otherwise it was taken because the clock was put back, and is only planned anew.
  const { due } = firstDue <= now ? dueRuns(rule, firstDue, now, schedule.misfire, seenAt) : { due: [] };
  const next = nextRun(rule, now);
  return {
    schedule,
    nextRunAt: next === undefined ? undefined : new Date(next),
    runs: due.map((dueMs) => ({ id: newId(now), schedule, dueAt: new Date(dueMs) })),
  };
}

/** Records the tasks and when their schedules run next. @returns the runs that were made; the others were made before */
async function makeRuns(tx: Tx, plans: readonly Plan[]): Promise<PlannedRun[]> {
  const runs = plans.flatMap((plan) => plan.runs);
  const fresh = await recordRuns(
    tx,
    runs.map(({ id, schedule, dueAt }) => ({ id, scheduleId: schedule.id, dueAt })),
  );
  const made = runs.filter(({ id }) => fresh.has(id));
  await enqueueRuns(tx, made);
  const ran = new Set(made.map(({ schedule }) => schedule));
  await setNextRuns(
    tx,
    plans.map(({ schedule, nextRunAt }) => ({
      id: schedule.id,
      nextRunAt,
      plannedAt: schedule.now,
      hasRun: ran.has(schedule),
    })),
  );
  return made;
}

/** In one statement for each user who has made schedules. */
async function enqueueRuns(tx: Tx, runs: readonly PlannedRun[]): Promise<void> {
  for (const createdBy of new Set(runs.map(({ schedule }) => schedule.createdBy))) {
    const tasks = runs
      .filter(({ schedule }) => schedule.createdBy === createdBy)
      .map(({ id, schedule }) => taskOf(id, schedule));
    const recorded = await enqueueTasks(tx.$client, tasks, { createdBy });
    for (const [at, { id, isNew }] of recorded.entries())
      if (!isNew) await setTaskOfRun(tx, tasks[at]!.id, id);
  }
}
