// Follows the commands to this worker: rows of sluice.worker_commands, looked for when it is notified, and by itself.
import { IMPORTS_QUEUE } from '../core/tasks/queue-names.ts';
import type { PostgresAddress } from '../db/connection.ts';
import { isUnavailable } from '../db/errors.ts';
import { isPaused } from '../db/queues/queues.ts';
import type { Connection } from '../db/transaction.ts';
import {
  acknowledgeCommand,
  listLastSaid,
  listOpenCommands,
  WORKERS_CHANNEL,
  type CommandRow,
} from '../db/workers/commands.ts';
import type { ShutdownMode } from '../core/workers/worker-state.ts';
import type { Logger } from '../logger.ts';
import { createNotify } from '../tasks/notify.ts';
import type { WorkerControl } from './control.ts';
import { listen } from './listen.ts';

/** How soon a command is found of which nobody was told. */
const LOOK_MS = 1000;

export interface CommandsDeps {
  /** Where commands are listened to. */
  readonly address: PostgresAddress;
  readonly db: Connection;
  readonly workerId: string;
  readonly control: WorkerControl;
  /** Has the worker say how it is now. */
  readonly sayHello: () => Promise<void>;
  readonly logger: Logger;
}

type Said = Pick<CommandRow, 'command' | 'options'>;

/** For a worker with a name, before it takes work: what workers of the name were told last holds for it too. */
export async function followLastSaid(db: Connection, name: string, control: WorkerControl): Promise<void> {
  for (const said of await listLastSaid(db, name)) follow(control, said);
}

/** Follows them from now on. @returns ends it */
export function followCommands(deps: CommandsDeps): () => Promise<void> {
  const { db, workerId, control, logger } = deps;
  const stopped = new AbortController();
  const { signal } = stopped;
  const said = createNotify();
  signal.addEventListener('abort', said.notify);
  const listening = listen(
    {
      address: deps.address,
      channel: WORKERS_CHANNEL,
      heard: (payload) => {
        if (payload === workerId) said.notify();
      },
      listening: said.notify,
      logger,
    },
    signal,
  );

  async function followAll(): Promise<void> {
    const commands = await listOpenCommands(db, workerId);
    for (const command of commands) {
      const { id, createdBy, ...rest } = command;
      logger.info({ command: rest.command, options: rest.options, by: createdBy }, 'a command was given');
      // What ends the process is acknowledged before; of all else the worker shows the effect when it has answered.
      if (rest.command === 'shutdown') {
        await acknowledgeCommand(db, id);
        follow(control, command);
      } else {
        follow(control, command);
        await deps.sayHello();
        await acknowledgeCommand(db, id);
      }
    }
  }

  /** Claims of other tasks look at their queues themselves. */
  async function lookAtImports(): Promise<void> {
    control.pauseImports(await isPaused(db, IMPORTS_QUEUE));
  }

  async function followAgainAndAgain(): Promise<void> {
    while (!signal.aborted) {
      await Promise.all([followAll(), lookAtImports()]).catch((error: unknown) =>
        logger[isUnavailable(error) ? 'debug' : 'warn']({ err: error }, 'commands could not be looked for'),
      );
      await said.notified(LOOK_MS);
    }
  }

  const following = followAgainAndAgain();
  return async () => {
    stopped.abort();
    await Promise.all([following, listening]);
  };
}

function follow(control: WorkerControl, { command, options }: Said): void {
  switch (command) {
    case 'pause':
      return control.pause();
    case 'resume':
      return control.resume();
    case 'scale':
      return control.scale(options['concurrency'] as number);
    case 'drain':
      return control.drain();
    case 'shutdown':
      return control.shutdown(options['mode'] as ShutdownMode);
  }
}
