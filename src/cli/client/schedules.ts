// `sluice schedules …`
import { readFile } from 'node:fs/promises';
import { parseExact, stringifyExact } from '../../core/tasks/exact-json.ts';
import { EXIT } from '../exit-codes.ts';
import { fileReason } from '../file-reason.ts';
import { say, sayJson, type Out } from '../print.ts';
import { ClientError, type ApiClient } from './client.ts';
import { printList, type ListOptions } from './print-list.ts';

interface ScheduleJson {
  readonly id: string;
  readonly name: string;
  readonly cron: string | null;
  readonly every: string | null;
  readonly at: string | null;
  readonly timeZone: string;
  readonly enabled: boolean;
  readonly task: { readonly name: string };
  readonly nextRunAt: string | null;
  readonly lastRun: RunJson | null;
}

interface RunJson {
  readonly taskId: string;
  readonly dueAt: string | null;
  readonly createdAt: string;
  readonly status: string | null;
}

export interface PreviewOptions {
  readonly cron?: string;
  readonly every?: string;
  readonly timeZone?: string;
  readonly limit: number;
}

const pathOf = (name: string, rest = ''): string => `/v1/schedules/${encodeURIComponent(name)}${rest}`;

const body = (method: string, document: unknown) => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: stringifyExact(document),
});

export function listSchedules(client: ApiClient, options: ListOptions, out: Out): Promise<number> {
  return printList<ScheduleJson>(client, options, out, {
    path: '/v1/schedules',
    header: ['NAME', 'WHEN', 'TASK', 'NEXT RUN', 'LAST RUN'],
    row: (each) => [
      each.name,
      whenOf(each),
      each.task.name,
      each.nextRunAt ?? (each.enabled ? 'never again' : 'rests'),
      each.lastRun === null ? '' : (each.lastRun.status ?? 'removed'),
    ],
    none: 'There is no schedule.',
  });
}

export function listRuns(client: ApiClient, name: string, options: ListOptions, out: Out): Promise<number> {
  return printList<RunJson>(client, options, out, {
    path: pathOf(name, '/runs'),
    header: ['TASK', 'STATUS', 'DUE', 'MADE'],
    row: (each) => [each.taskId, each.status ?? 'removed', each.dueAt ?? 'by hand', each.createdAt],
    none: 'It has made no task.',
  });
}

/** Schedules of JSON files, each by its name. @returns the exit code */
export async function applySchedules(client: ApiClient, files: readonly string[], out: Out): Promise<number> {
  for (const file of files)
    for (const document of await readDocuments(file)) {
      const answer = await client.request(pathOf(document.name), body('PUT', document));
      const { nextRunAt } = (await answer.json()) as ScheduleJson;
      say(
        out,
        `${document.name}: ${answer.status === 201 ? 'made' : 'as the file says'}; next run: ${nextRunAt ?? 'none'}`,
      );
    }
  return EXIT.done;
}

export async function previewSchedule(
  client: ApiClient,
  { limit, ...times }: PreviewOptions,
  out: Out,
): Promise<number> {
  const { runs } = await client.json<{ runs: string[] }>(
    '/v1/schedules/preview',
    body('POST', { ...times, count: limit }),
  );
  for (const run of runs) say(out, run);
  return EXIT.done;
}

export async function runSchedule(
  client: ApiClient,
  name: string,
  { json = false }: { readonly json?: boolean },
  out: Out,
): Promise<number> {
  const run = await client.json<RunJson>(pathOf(name, '/run'), { method: 'POST' });
  if (json) sayJson(out, run);
  else say(out, `Task ${run.taskId} is ${run.status}.`);
  return EXIT.done;
}

export async function enableSchedule(
  client: ApiClient,
  name: string,
  enabled: boolean,
  out: Out,
): Promise<number> {
  const { nextRunAt } = await client.json<ScheduleJson>(pathOf(name), body('PATCH', { enabled }));
  say(out, enabled ? `It goes on; next run: ${nextRunAt}.` : 'It rests.');
  return EXIT.done;
}

export async function deleteSchedule(client: ApiClient, name: string, out: Out): Promise<number> {
  await client.request(pathOf(name), { method: 'DELETE' });
  say(out, 'It is deleted.');
  return EXIT.done;
}

function whenOf({ cron, every, at, timeZone }: ScheduleJson): string {
  if (cron !== null) return `${cron} (${timeZone})`;
  return every === null ? `at ${at}` : `every ${every}`;
}

/** @throws ClientError that names the file and what is wrong */
async function readDocuments(file: string): Promise<{ readonly name: string }[]> {
  const wrong = (what: string, cause?: unknown) => new ClientError(`${file}: ${what}`, { cause });
  let read: unknown;
  try {
    read = parseExact(await readFile(file, 'utf8'));
  } catch (error) {
    throw wrong(fileReason(error) ?? (error as Error).message, error);
  }
  const documents = [read].flat() as { name?: unknown }[];
  for (const document of documents)
    if (typeof document?.name !== 'string')
      throw wrong('each schedule must be an object with a "name"; nothing of this file was applied');
  return documents as { name: string }[];
}
