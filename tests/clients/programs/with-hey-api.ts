// A program with the client that @hey-api/openapi-ts makes. It is compiled and run against the API: URL and KEY are in the environment.
// What it found out is its output, as JSON.
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from './hey-api/client/index.js';
import {
  createImport,
  downloadRejects,
  getImport,
  getTask,
  listImports,
  listRowErrors,
} from './hey-api/sdk.gen.js';
import type { Import, RowError, Task, TaskStatus } from './hey-api/types.gen.js';

const client = createClient({ baseUrl: process.env['URL']!, auth: process.env['KEY']! });
const FINAL: readonly TaskStatus[] = ['succeeded', 'failed', 'cancelled'];

async function send(csv: string): Promise<Import> {
  const { data } = await createImport({
    client,
    throwOnError: true,
    headers: { 'idempotency-key': crypto.randomUUID() },
    body: {
      dataset: 'customers',
      mode: 'insert',
      header: true,
      skipLines: 0,
      maxErrors: '50%',
      mapping: { 建物名等: 'other' },
      file: new File([csv], 'customers.csv', { type: 'text/csv' }),
    },
  });
  return data;
}

async function ended(id: string): Promise<Task> {
  for (;;) {
    const { data, response } = await getTask({ client, path: { id }, throwOnError: true });
    if (data !== undefined && FINAL.includes(data.status)) return data;
    await delay(Number(response.headers.get('retry-after') ?? 1) * 100);
  }
}

/** What a task gives is known by its kind. */
function landed(task: Task): number | null {
  switch (task.kind) {
    case 'import':
      return task.result?.loaded ?? null;
    case 'undo':
      return task.result?.deleted ?? null;
    case 'task':
      return null;
  }
}

async function allErrors(id: string): Promise<RowError[]> {
  const errors: RowError[] = [];
  let cursor: string | null | undefined;
  do {
    const { data } = await listRowErrors({
      client,
      path: { id },
      query: cursor ? { cursor, limit: 1 } : { limit: 1 },
      throwOnError: true,
    });
    errors.push(...data.data);
    cursor = data.nextCursor;
  } while (cursor !== null);
  return errors;
}

const csv = await readFile(process.env['FILE']!, 'utf8');
const sent = await send(csv);
const task = await ended(sent.id);
const { data: imp } = await getImport({ client, path: { id: sent.id }, throwOnError: true });
const history = await listImports({
  client,
  query: { status: ['succeeded', 'running'], dataset: 'customers', createdAfter: '2020-01-01' },
  throwOnError: true,
});
const errors = await allErrors(sent.id);
const rejects = await downloadRejects({ client, path: { id: sent.id }, parseAs: 'text', throwOnError: true });

const misfit = await createImport({
  client,
  body: { dataset: 'customers', file: new File(['nmae\nx\n'], 'misfit.csv') },
});
const problem = misfit.error;
const gone = await getTask({ client, path: { id: '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10' } });

process.stdout.write(
  JSON.stringify({
    landed: landed(task),
    counts: imp.counts,
    firstError: imp.firstError?.column?.name,
    history: history.data.data.map(({ id, status }) => ({ id, status })),
    errors: errors.map(({ row, code, column }) => ({ row, code, column: column?.index ?? null })),
    rejects: typeof rejects.data === 'string' ? rejects.data.split('\n').length : null,
    problem:
      problem !== undefined && problem.status === 422
        ? { code: problem.code, suggested: problem.suggestedMapping, column: problem.unknown?.[0] }
        : null,
    gone: gone.error?.status === 404 ? gone.error.code : null,
  }),
);
