// `sluice status`: whether the API and what it stands on answer, and how the work stands.
import { EXIT } from '../exit-codes.ts';
import { say, sayJson, type Out } from '../print.ts';
import { ClientError, type ApiClient } from './client.ts';
import { readMetrics, type Sample } from './read-metrics.ts';

interface ApiStatus {
  readonly url: string;
  /** `ready`, or what it is instead. */
  readonly status: string;
  /** Of each part `ok`, or what is wrong. */
  readonly parts: Readonly<Partial<Record<string, string>>>;
  /** Workers that are alive; undefined when the API does not tell. */
  readonly workers: number | undefined;
  /** Undefined when nothing waits, or the API does not tell. */
  readonly oldestWaitingSeconds: number | undefined;
  /** Tasks by status; empty when Postgres is away. */
  readonly tasks: Readonly<Record<string, number>>;
}

/** @returns the exit code: 1 when a part is away. @throws ClientError when the API does not answer */
export async function showStatus(
  client: ApiClient,
  { json = false }: { readonly json?: boolean },
  out: Out,
): Promise<number> {
  const status = await askStatus(client);
  if (json) sayJson(out, status);
  else say(out, describe(status));
  return status.status === 'ready' ? EXIT.done : EXIT.failed;
}

async function askStatus(client: ApiClient): Promise<ApiStatus> {
  const { status = 'unknown', ...parts } = await askReadiness(client);
  const samples = await askMetrics(client);
  const valueOf = (name: string) => samples.find((sample) => sample.name === name)?.value;
  const byStatus = samples.filter(({ name, labels }) => name === 'sluice_tasks' && labels['status']);
  return {
    url: client.url,
    status,
    parts,
    workers: valueOf('sluice_workers'),
    oldestWaitingSeconds: valueOf('sluice_oldest_waiting_seconds'),
    tasks: Object.fromEntries(byStatus.map(({ labels, value }) => [labels['status']!, value])),
  };
}

/** An API that is not ready answers 503, and says the same of its parts. */
function askReadiness(client: ApiClient): Promise<Partial<Record<string, string>>> {
  return client.json('/readyz', { anonymous: true, statuses: [503] });
}

/** None when they are not for us: then the rest is told without them. */
async function askMetrics(client: ApiClient): Promise<Sample[]> {
  try {
    return readMetrics(await (await client.request('/metrics', { anonymous: true })).text());
  } catch (error) {
    if (error instanceof ClientError && error.status !== undefined) return [];
    throw error;
  }
}

function describe(status: ApiStatus): string {
  const waiting = status.oldestWaitingSeconds;
  const tasks = Object.entries(status.tasks)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
  const lines: [string, string | undefined][] = [
    ['API', `${status.url}: ${status.status}`],
    ...Object.entries(status.parts),
    ['workers', status.workers?.toString()],
    ['oldest waiting', waiting === undefined || waiting === 0 ? undefined : `${Math.round(waiting)} s`],
    ['tasks', tasks.length === 0 ? undefined : tasks.join(', ')],
  ];
  const known = lines.filter((line): line is [string, string] => line[1] !== undefined);
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}
