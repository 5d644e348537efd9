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
  /** Workers by whether they are `online` or `lost`; empty when the API does not tell, as the tasks below. */
  readonly workers: Readonly<Record<string, number>>;
  /** How long the work that waits longest has waited, by queue. */
  readonly waitingSeconds: Readonly<Record<string, number>>;
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
  return {
    url: client.url,
    status,
    parts,
    workers: byLabel(samples, 'sluice_workers', 'state'),
    waitingSeconds: byLabel(samples, 'sluice_oldest_waiting_seconds', 'queue'),
    tasks: byLabel(samples, 'sluice_tasks', 'status'),
  };
}

function byLabel(samples: readonly Sample[], name: string, label: string): Record<string, number> {
  return Object.fromEntries(
    samples.flatMap((sample) => {
      const key = sample.labels[label];
      return sample.name === name && key !== undefined ? [[key, sample.value]] : [];
    }),
  );
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

function describe({ url, status, parts, workers, waitingSeconds, tasks }: ApiStatus): string {
  const waiting = Math.max(0, ...Object.values(waitingSeconds));
  const lines: [string, string | undefined][] = [
    ['API', `${url}: ${status}`],
    ...Object.entries(parts),
    ['workers', Object.keys(workers).length === 0 ? undefined : listCounts(workers)],
    ['oldest waiting', waiting === 0 ? undefined : `${Math.ceil(waiting)} s`],
    ['tasks', Object.keys(tasks).length === 0 ? undefined : listCounts(tasks)],
  ];
  const known = lines.filter((line): line is [string, string] => line[1] !== undefined);
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}

/** What is not zero, such as `2 online, 1 lost`. */
function listCounts(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.length === 0 ? 'none' : some.map(([name, count]) => `${count} ${name}`).join(', ');
}
