// Reads tasks for polls: those that arrive together share one statement, so that many clients cost little more than one.
import type pg from 'pg';
import { findTaskViews, type TaskView } from '../../db/tasks/task-views.ts';

/**
 * The reader gives what `render` makes of a task as it is in Postgres after the call, or undefined when there is none.
 * Requests that Node has read in one turn of its loop are asked for in one statement, each task once.
 */
export function createPollReader<T>(
  pool: pg.Pool,
  render: (view: TaskView) => T,
): (id: string) => Promise<T | undefined> {
  let gathering: { readonly ids: Set<string>; readonly found: Promise<Map<string, T>> } | undefined;

  function gather() {
    const ids = new Set<string>();
    const found = new Promise((resolve) => setImmediate(resolve)).then(async () => {
      gathering = undefined;
      const views = await findTaskViews(pool, [...ids]);
      return new Map(views.map((view) => [view.id, render(view)]));
    });
    return { ids, found };
  }

  return async (anyCase) => {
    // As Postgres writes it.
    const id = anyCase.toLowerCase();
    const { ids, found } = (gathering ??= gather());
    ids.add(id);
    return (await found).get(id);
  };
}
