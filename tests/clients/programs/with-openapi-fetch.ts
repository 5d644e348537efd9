// A program with the types that openapi-typescript makes, by openapi-fetch. It is compiled, not run: it shows what the types know.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

type Schemas = components['schemas'];

const client = createClient<paths>({ baseUrl: 'http://127.0.0.1', headers: { authorization: 'Bearer key' } });

export async function send(file: Blob): Promise<Schemas['Import']> {
  const { data, error } = await client.POST('/v1/imports', {
    body: { dataset: 'people', mode: 'upsert', header: false, mapping: { '#1': 'name' }, file },
    bodySerializer: toForm,
  });
  if (data !== undefined) return data;
  throw new Error(explain(error));
}

/** In the order in which they are written: the file last. */
function toForm(body: Schemas['UploadForm'] | Blob): FormData | Blob {
  if (body instanceof Blob) return body;
  const form = new FormData();
  for (const [name, value] of Object.entries(body))
    form.set(name, typeof value === 'string' || value instanceof Blob ? value : JSON.stringify(value));
  return form;
}

/** Each status has its own problem, and each problem its codes and members. */
function explain(
  problem: Schemas['ConflictProblem'] | Schemas['UnprocessableProblem'] | Schemas['Problem'],
): string {
  if (problem.status === 409 && 'duplicateOf' in problem)
    return `Sent before, as ${String(problem.duplicateOf)}`;
  return `${problem.code}: ${problem.detail} ${(problem.errors ?? []).map((item) => item.detail).join(' ')}`;
}

export async function history(): Promise<Schemas['Import'][]> {
  const all: Schemas['Import'][] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Schemas['ImportPage'] | undefined = await pageAfter(cursor);
    all.push(...(page?.data ?? []));
    cursor = page?.nextCursor ?? null;
  }
  return all;
}

async function pageAfter(cursor: string): Promise<Schemas['ImportPage'] | undefined> {
  const { data } = await client.GET('/v1/imports', {
    params: { query: { status: ['failed', 'cancelled'], ...(cursor === '' ? {} : { cursor }) } },
  });
  return data;
}

/** A code that is not in the list does not compile. */
export function isWorthAnotherTry({ code }: Schemas['ImportError']): boolean {
  // @ts-expect-error -- there is no such code
  if (code === 'out-of-luck') return false;
  return code === 'chunk-failed' || code === 'plan-failed' || code === 'publish-failed';
}

export async function describeTask(id: string): Promise<string> {
  const { data, error } = await client.GET('/v1/tasks/{id}', { params: { path: { id } } });
  if (data === undefined) return `${error?.status}`;
  if (data.kind === 'task') return `${data.name}: ${data.error?.code ?? 'no error'}`;
  if (data.kind === 'undo')
    return `${data.result?.deleted ?? 0} rows deleted, ${data.error?.code ?? 'no error'}`;
  return `${data.progress?.rowsDone ?? 0} of ${data.progress?.rowsTotal ?? '?'}: ${data.error?.code ?? 'no error'}`;
}

export async function firstErrors(id: string): Promise<string[]> {
  const { data } = await client.GET('/v1/imports/{id}/errors', {
    params: { path: { id }, query: { code: 'type-error', limit: 10 } },
  });
  return (data?.data ?? []).map(
    ({ row, column, constraint }) => `${row} ${column?.name} ${constraint ?? ''}`,
  );
}
