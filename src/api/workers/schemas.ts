import { Type, type Static } from '@fastify/type-provider-typebox';
import { WORKER_COMMANDS, WORKER_PHASES, WORKER_STATES } from '../../core/workers/worker-state.ts';
import type { CommandRow } from '../../db/workers/commands.ts';
import type { WorkerView } from '../../db/workers/workers.ts';
import { component } from '../http/components.ts';
import { Id, Instant, nullable } from '../http/schemas.ts';

/** Of one worker; it may run thousands. */
export const MOST_SHOWN = 100;

const RunningTask = component(
  'RunningTask',
  Type.Object({
    id: Id('The task.'),
    name: nullable(Type.String({ description: 'Null when the task is gone.' })),
  }),
);

export const WorkerSchema = component(
  'Worker',
  Type.Object({
    id: Id('The worker; a new one each time its process is started.'),
    name: Type.String({ description: 'As SLUICE_WORKER_NAME calls it; empty: it has none.' }),
    state: Type.Enum([...WORKER_STATES], {
      type: 'string',
      description:
        '`online`: it says again and again that it is there. `lost`: it has said nothing for 20 seconds; killed, frozen, or cut off from Postgres. A worker that was stopped is not listed.',
    }),
    phase: Type.Enum([...WORKER_PHASES], {
      type: 'string',
      description:
        '`running`: takes work. `paused`: begins nothing until it is resumed. `draining`: ends what runs, however long that takes, and exits. `stopping`: what runs ends within the grace or goes back to its queue, and it exits.',
    }),
    host: Type.String({ description: 'The name of its machine or container.' }),
    pid: Type.Integer({ description: 'Its process there.' }),
    version: Type.String({ description: 'Of Sluice.' }),
    queues: Type.Array(Type.String(), { description: 'Where it takes work from; empty: from all.' }),
    slots: Type.Integer({ description: 'How many chunks and CPU tasks it works on at a time.' }),
    slotsBusy: Type.Integer({ description: 'How many of the slots work.' }),
    concurrency: Type.Integer({ description: 'How many I/O tasks it runs at the same time.' }),
    ioBusy: Type.Integer({ description: 'How many I/O tasks run.' }),
    running: Type.Array(RunningTask, {
      description: `The tasks that have work in it, ${MOST_SHOWN} at most; of a lost one, when it was last heard of.`,
    }),
    runningCount: Type.Integer({ description: 'How many they are.' }),
    processed: Type.Integer({ description: 'Attempts at tasks that have ended in it.' }),
    failed: Type.Integer({ description: 'Tasks that have failed in it.' }),
    memoryBytes: Type.Integer({ description: 'Resident memory of its process.' }),
    loopDelayMs: Type.Number({
      description:
        'How late the turns of its event loops come: 99 of 100 no later than this, in the last seconds. Tasks that compute belong into slots.',
    }),
    uptimeSeconds: Type.Integer({ description: 'For how long it was there when it was last heard of.' }),
    startedAt: Instant('When it was started.'),
    beatAt: Instant('When it was last heard of.'),
  }),
);

export function toWorker(view: WorkerView, names: ReadonlyMap<string, string>): Static<typeof WorkerSchema> {
  const { queues, running, tasks: _tasks, startedAt, beatAt, ...rest } = view;
  return {
    ...rest,
    queues: [...queues],
    running: running.slice(0, MOST_SHOWN).map((id) => ({ id, name: names.get(id) ?? null })),
    runningCount: running.length,
    uptimeSeconds: Math.max(0, Math.round((beatAt.getTime() - startedAt.getTime()) / 1000)),
    startedAt: startedAt.toISOString(),
    beatAt: beatAt.toISOString(),
  };
}

export const CommandSchema = component(
  'WorkerCommand',
  Type.Object({
    id: Id('The command.'),
    workerId: Id('Who it was given to.'),
    command: Type.Enum([...WORKER_COMMANDS], { type: 'string' }),
    options: Type.Object({}, { additionalProperties: true, description: 'As they were given.' }),
    acknowledgedAt: nullable(
      Instant('When the worker has followed it, or has begun to. Null: it did not answer within a second.'),
    ),
    detail: Type.String({ description: 'What that means.' }),
    createdAt: Instant('When it was given.'),
  }),
);

export function toCommand(row: CommandRow, detail: string): Static<typeof CommandSchema> {
  const { id, workerId, command, options, acknowledgedAt, createdAt } = row;
  return {
    id,
    workerId,
    command,
    options,
    acknowledgedAt: acknowledgedAt?.toISOString() ?? null,
    detail,
    createdAt: createdAt.toISOString(),
  };
}
