// `sluice tasks …`: any task, of whatever kind. Numbers in arguments and results stay as they are, however long.
import { parseExact, stringifyExact } from '../../core/tasks/exact-json.ts';
import { isFinal, type TaskStatus } from '../../core/tasks/task-status.ts';
import { EXIT } from '../exit-codes.ts';
import { commandName, say, sayJson, type Out } from '../print.ts';
import { ClientError, WATCH_PATIENCE_MS, type ApiClient, type Request } from './client.ts';
import { printList, type ListOptions } from './print-list.ts';

interface TaskJson {
  readonly id: string;
  readonly name: string;
  readonly status: TaskStatus;
  readonly queue: string;
  readonly args: unknown;
  readonly attempts: number;
  readonly waitingFor: string | null;
  readonly progress: unknown;
  readonly result: unknown;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly worker: { readonly id: string; readonly host: string | null } | null;
  readonly retryOf: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface TaskFilter extends ListOptions {
  readonly name?: string;
  readonly status?: string;
  readonly queue?: string;
  readonly tag?: string;
}

export interface FollowOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
}

export interface RunOptions extends FollowOptions {
  readonly queue?: string;
  readonly priority?: string;
  readonly delay?: string;
  readonly tag?: readonly string[];
}

/** How long one request waits for the end of a task. */
const WAIT_SECONDS = 20;

export function listTasks(client: ApiClient, options: TaskFilter, out: Out): Promise<number> {
  const { name, status, queue, tag } = options;
  return printList<TaskJson>(client, options, out, {
    path: '/v1/tasks',
    query: { name, status, queue, tag },
    header: ['ID', 'NAME', 'STATUS', 'QUEUE', 'ATTEMPTS', 'CREATED', 'ENDED'],
    row: (each) => [
      each.id,
      each.name,
      each.status,
      each.queue,
      String(each.attempts),
      each.createdAt,
      each.finishedAt ?? '',
    ],
    none: 'There is no such task.',
  });
}

/** @param args JSON; without it there are none. @returns the exit code */
export async function runTask(
  client: ApiClient,
  name: string,
  args: string | undefined,
  { queue, priority, delay, tag, ...rest }: RunOptions,
  out: Out,
): Promise<number> {
  const task = {
    name,
    args: args === undefined ? {} : readArgs(args),
    queue,
    priority: priority === undefined ? undefined : Number(priority),
    delay,
    tags: tag,
  };
  return follow(client, await askTask(client, '', body(task)), rest, out);
}

export async function showTask(
  client: ApiClient,
  id: string,
  { watch = false, json = false }: FollowOptions,
  out: Out,
): Promise<number> {
  const task = watch ? await watchTask(client, id) : await askTask(client, pathOf(id));
  tell(task, json, out);
  return watch && task.status !== 'succeeded' ? EXIT.failed : EXIT.done;
}

export async function cancelTask(
  client: ApiClient,
  id: string,
  { json = false }: { readonly json?: boolean },
  out: Out,
): Promise<number> {
  const task = await askTask(client, pathOf(id), { method: 'DELETE' });
  if (json) tell(task, json, out);
  else say(out, `Task ${id} is ${task.status}.`);
  return EXIT.done;
}

/** @param args JSON, in the place of those it had */
export async function retryTask(
  client: ApiClient,
  id: string,
  { args, ...rest }: FollowOptions & { readonly args?: string },
  out: Out,
): Promise<number> {
  const changes = args === undefined ? { method: 'POST' } : body({ args: readArgs(args) });
  return follow(client, await askTask(client, pathOf(id, '/retry'), changes), rest, out);
}

const pathOf = (id: string, rest = ''): string => `/${encodeURIComponent(id)}${rest}`;

const body = (document: unknown) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: stringifyExact(document),
});

/** @throws ClientError when it is no JSON object */
function readArgs(text: string): unknown {
  try {
    const args = parseExact(text);
    if (typeof args === 'object' && args !== null && !Array.isArray(args)) return args;
  } catch (error) {
    throw new ClientError(`The arguments are no JSON: ${(error as Error).message}`, { cause: error });
  }
  throw new ClientError('The arguments must be a JSON object, such as \'{"a": 1}\'.');
}

function askTask(client: ApiClient, path: string, request?: Request): Promise<TaskJson> {
  return client.json(`/v1/tasks${path}`, request);
}

async function watchTask(client: ApiClient, id: string): Promise<TaskJson> {
  for (;;) {
    const task = await askTask(client, pathOf(id, `?wait=${WAIT_SECONDS}`), {
      patienceMs: WATCH_PATIENCE_MS,
    });
    if (isFinal(task.status)) return task;
  }
}

/** Tells of a task that was just made; when asked to, waits for its end. */
async function follow(
  client: ApiClient,
  made: TaskJson,
  { watch = false, json = false }: FollowOptions,
  out: Out,
): Promise<number> {
  if (watch) return showTask(client, made.id, { watch, json }, out);
  if (json) tell(made, json, out);
  else
    say(out, `Task ${made.id} is ${made.status}. Follow it: ${commandName()} tasks show ${made.id} --watch`);
  return EXIT.done;
}

function tell(task: TaskJson, json: boolean, out: Out): void {
  if (json) return sayJson(out, task);
  const { error, worker } = task;
  const lines: [string, string | null][] = [
    ['Task', `${task.id} (${task.name})`],
    ['Status', task.status],
    ['Waits for', task.waitingFor],
    ['Queue', task.queue],
    ['Arguments', stringifyExact(task.args)],
    ['Attempts', String(task.attempts)],
    ['Retry of', task.retryOf],
    ['Worker', worker === null ? null : (worker.host ?? worker.id)],
    ['Progress', task.progress === null ? null : stringifyExact(task.progress)],
    ['Result', task.result === null ? null : stringifyExact(task.result)],
    ['Error', error === null ? null : `${error.code}: ${error.message}`],
    ['Created', task.createdAt],
    ['Started', task.startedAt],
    ['Ended', task.finishedAt],
  ];
  for (const [what, value] of lines) if (value !== null) say(out, `${what.padEnd(WIDEST)}  ${value}`);
}

/** Of the words before the values. */
const WIDEST = 'Arguments'.length;
