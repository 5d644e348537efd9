// Records tasks of requests: those that arrive together share one INSERT, so that many clients cost little more than one.
import { isUnavailable } from '../../db/errors.ts';
import type { NewTask } from '../../db/tasks/enqueue.ts';
import type { TaskView } from '../../db/tasks/task-views.ts';

/** In one statement. */
const MOST_AT_ONCE = 200;
/** Statements under way at the same time: while they run, others gather. */
const STATEMENTS = 2;

interface Waiting {
  readonly task: NewTask;
  readonly createdBy: string;
  readonly resolve: (view: TaskView) => void;
  readonly reject: (error: unknown) => void;
}

/** Records one task. @returns it as it is recorded, or the one that has its unique key */
export type Enqueue = (task: NewTask, createdBy: string) => Promise<TaskView>;

/** @param record records tasks of one creator in one transaction, and gives them in their order */
export function createEnqueuer(
  record: (tasks: readonly NewTask[], createdBy: string) => Promise<TaskView[]>,
): Enqueue {
  const waiting: Waiting[] = [];
  let statements = 0;
  let isPlanned = false;

  /** At the end of a turn of the loop: what Node has read in it is recorded together. */
  function plan(): void {
    if (isPlanned || statements >= STATEMENTS || waiting.length === 0) return;
    isPlanned = true;
    setImmediate(() => {
      isPlanned = false;
      const group = takeGroup(waiting);
      statements += 1;
      void recordGroup(group).finally(() => {
        statements -= 1;
        plan();
      });
      plan();
    });
  }

  async function recordGroup(group: readonly Waiting[]): Promise<void> {
    const createdBy = group[0]!.createdBy;
    try {
      const views = await record(
        group.map(({ task }) => task),
        createdBy,
      );
      group.forEach(({ resolve }, at) => resolve(views[at]!));
    } catch (error) {
      if (group.length === 1 || isUnavailable(error)) for (const { reject } of group) reject(error);
      // One that Postgres refuses must not fail the others.
      else for (const each of group) await recordGroup([each]);
    }
  }

  return (task, createdBy) =>
    new Promise((resolve, reject) => {
      waiting.push({ task, createdBy, resolve, reject });
      plan();
    });
}

/** Takes the first of those that wait, and what follows of the same user. */
function takeGroup(waiting: Waiting[]): Waiting[] {
  const { createdBy } = waiting[0]!;
  const other = waiting.findIndex((each) => each.createdBy !== createdBy);
  return waiting.splice(0, Math.min(MOST_AT_ONCE, other === -1 ? waiting.length : other));
}
