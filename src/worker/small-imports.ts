// Small imports go straight from Postgres to a slot of their own, so that they wait neither for the queue nor behind a large file.
// Losing a notification loses nothing: waiting imports are looked for again and again, and the sweep gives old ones to the queue.
import { directAddress } from '../db/connection.ts';
import { hasSmallImports, SMALL_IMPORTS_CHANNEL } from '../db/imports/small-imports.ts';
import { isUnavailable } from '../db/errors.ts';
import { IMPORT } from '../core/tasks/task-kinds.ts';
import { dispatch } from '../queue/dispatch.ts';
import { createNotify } from '../tasks/notify.ts';
import type { LeftImport } from '../tasks/import/land-small.ts';
import { listen } from './listen.ts';
import type { WorkerDeps } from './open-deps.ts';
import { serves } from './serves.ts';
import type { SlotJob } from './slots/slots.ts';

/** How soon a small import is found whose notification was lost. */
const LOOK_MS = 1000;

const LAND_SMALL: SlotJob = { task: IMPORT.name, step: 'landSmall', args: {} };

type SmallImportsDeps = Pick<WorkerDeps, 'config' | 'database' | 'queues' | 'slots' | 'logger'>;

export interface SmallImportsOfWorker {
  setPaused(paused: boolean): void;
  /** Takes no more, and waits for those under way. */
  stop(): Promise<void>;
}

/** Takes them from now on, if the worker takes imports. */
export function takeSmallImports(deps: SmallImportsDeps): SmallImportsOfWorker {
  let isPaused = false;
  const stopped = new AbortController();
  const landing = serves(deps.config, IMPORT.queue)
    ? landSmallImports(deps, stopped.signal, () => isPaused)
    : Promise.resolve();
  return {
    setPaused: (paused) => void (isPaused = paused),
    stop: async () => {
      stopped.abort();
      await landing;
    },
  };
}

/** Runs until the signal. */
async function landSmallImports(
  deps: SmallImportsDeps,
  signal: AbortSignal,
  isPaused: () => boolean,
): Promise<void> {
  const waiting = createNotify();
  let areSure = false;
  signal.addEventListener('abort', waiting.notify);
  const listening = listen(
    {
      address: directAddress(deps.config),
      channel: SMALL_IMPORTS_CHANNEL,
      heard: () => {
        areSure = true;
        waiting.notify();
      },
      // Some may have come before.
      listening: waiting.notify,
      logger: deps.logger,
    },
    signal,
  );
  while (!signal.aborted) {
    await waiting.notified(LOOK_MS);
    if (isPaused()) continue;
    const isSure = areSure;
    areSure = false;
    await landAll(deps, isSure, signal).catch((error: unknown) =>
      deps.logger[isUnavailable(error) ? 'debug' : 'warn']({ err: error }, 'small imports were not landed'),
    );
  }
  await listening;
}

/** Lands all that wait. @param isSure that some do; else Postgres is asked first, so that no slot is started for nothing */
async function landAll(
  { database: { db }, queues, slots, logger }: SmallImportsDeps,
  isSure: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (!isSure && !(await hasSmallImports(db))) return;
  let left: readonly LeftImport[];
  do {
    left = (await slots.runBeside(LAND_SMALL)) as readonly LeftImport[];
    for (const { importId, reason } of left) {
      logger.debug({ importId, reason }, 'a small import is left to the queue');
      await dispatch(queues, { id: importId, name: IMPORT.name });
    }
  } while (left.length > 0 && !signal.aborted);
}
