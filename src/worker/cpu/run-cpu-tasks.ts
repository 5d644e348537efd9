// The CPU tasks of this worker, from the main thread: each in a slot, whose thread ends with a time limit or a cancel.
import type { AttemptOptions } from '../../core/tasks/attempt.ts';
import type { TaskDocument } from '../../core/tasks/task-document.ts';
import { isUnavailable } from '../../db/errors.ts';
import type { ClaimedTask } from '../../db/tasks/claims.ts';
import type { Logger } from '../../logger.ts';
import { SlotError, type Slots } from '../slots/slots.ts';
import { Cancelled, TimeLimit, WorkerStops, type AttemptAbort } from '../tasks/attempt-abort.ts';
import { describeError, endingsOf, type Outcome } from '../tasks/attempt-endings.ts';
import { tracedAttempt } from '../tasks/attempt-span.ts';
import { createTaskRunner, type TaskRunner, type TaskRunnerDeps } from '../tasks/task-runner.ts';

export interface CpuTasksDeps extends Pick<
  TaskRunnerDeps,
  'claims' | 'writes' | 'heard' | 'workerId' | 'places' | 'serves'
> {
  /** Of all tasks that the worker knows: an I/O task whose thread was lost again and again runs in a slot, too. */
  readonly documents: readonly TaskDocument[];
  readonly slots: Slots;
  readonly logger: Logger;
  /** From 0 up to 1. */
  readonly chance: () => number;
}

/** While Postgres is away, a task that uses it is tried again after this. */
const LOST_AGAIN_MS = 1000;

export function runCpuTasks({ documents, slots, logger, chance, ...rest }: CpuTasksDeps): TaskRunner {
  const byName = new Map(documents.map((document) => [document.name, document]));

  async function attempt(claimed: ClaimedTask, abort: AttemptAbort): Promise<Outcome> {
    const document = byName.get(claimed.name)!;
    const { timeLimitMs }: AttemptOptions = { ...document, ...claimed.options };
    const endings = endingsOf(document, claimed, chance);
    const limit = limitTime(timeLimitMs, abort);
    try {
      return (await slots.run({ claimed }, abort.signal)) as Outcome;
    } catch (error) {
      const { reason } = abort;
      if (reason instanceof Cancelled) return { kind: 'over' };
      if (reason instanceof WorkerStops) return endings.giveBack(0);
      if (reason instanceof TimeLimit)
        return endings.fail('timed-out', { code: 'timed-out', message: reason.message });
      if (isUnavailable(error) || (error instanceof SlotError && error.failure === 'unavailable'))
        return endings.giveBack(LOST_AGAIN_MS);
      return endings.fail('failed', describeError(error));
    } finally {
      clearTimeout(limit);
    }
  }
  return createTaskRunner({
    ...rest,
    names: [...byName.keys()],
    runsOnce: (name) => byName.get(name)?.delivery === 'at-most-once',
    lane: 'cpu',
    attempt: (claimed, abort) => tracedAttempt(claimed, () => attempt(claimed, abort)),
    logger,
  });
}

function limitTime(ms: number | undefined, abort: AttemptAbort): NodeJS.Timeout | undefined {
  if (ms === undefined) return undefined;
  return setTimeout(() => abort.abort(new TimeLimit(ms)), ms);
}
