// Traces of real API and worker processes, as a collector gets them.
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCollector, type CollectedSpan, type Collector } from '../support/collector.ts';
import { REPOSITORY, type TestProcess } from '../support/processes.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { ended, enqueue, taskFolder } from '../support/tasks.ts';
import { waitFor } from '../support/wait-for.ts';

const API = pathToFileURL(join(REPOSITORY, 'node_modules/@opentelemetry/api/build/src/index.js')).href;
const TASKS = {
  'fails.mjs': `
    import { defineTask, NonRetryable, Type } from 'sluice/tasks';
    export default defineTask({ name: 'fails', args: Type.Object({ of: Type.String() }), run: 'cpu' }, ({ of }) => { throw new NonRetryable('no such patient: ' + of); });`,
  'asks.mjs': `
    import api from '${API}';
    import { defineTask, Type } from 'sluice/tasks';
    export default defineTask({ name: 'asks', args: Type.Object({}) }, async (_args, ctx) => {
      const span = api.trace.getTracer('mine').startSpan('my own');
      span.end();
      await ctx.enqueue('add', { a: 1, b: 2 });
      return { traceparent: ctx.traceparent };
    });`,
};
const FIELDS = ['name', 'email', 'city', 'price'];
const PEOPLE = {
  name: 'people',
  schema: {
    fields: [
      { name: 'no', type: 'integer' as const },
      ...FIELDS.map((name) => ({
        name,
        type: name === 'price' ? ('integer' as const) : ('string' as const),
      })),
    ],
    primaryKey: ['no'],
  },
  target: { table: 'traced_people' },
};
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = `00-${TRACE}-b7ad6b7169203331-01`;
const SECRET = 'a-value-of-a-record';

let collector: Collector;
let receiver: Receiver;
let folder: Awaited<ReturnType<typeof taskFolder>>;
let sluice: Sluice;
let worker: TestProcess;

beforeAll(async () => {
  [collector, receiver, folder] = await Promise.all([openCollector(), openReceiver(), taskFolder(TASKS)]);
  sluice = await startSluice({
    datasets: [PEOPLE],
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20of-the-collector',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      SLUICE_TASKS: folder.path,
      SLUICE_CHUNK_BYTES: '2000',
      SLUICE_WEBHOOK_PRIVATE_HOSTS: '127.0.0.1',
    },
  });
  worker = await sluice.startWorker();
});
afterAll(async () => {
  await sluice?.stop();
  await Promise.all([collector?.close(), receiver?.close(), folder?.remove()]);
});

/** Waits until the trace has all of them. */
async function spansOf(traceId: string, ...names: string[]): Promise<CollectedSpan[]> {
  const inTrace = () => collector.spans.filter((span) => span.traceId === traceId);
  await waitFor(() => names.every((name) => inTrace().some((span) => span.name === name)) || undefined, {
    what: `${names.join(', ')} in trace ${traceId}`,
    timeoutMs: 30_000,
  }).catch((error: unknown) => {
    const came = collector.spans.map((span) => `${span.traceId} ${span.name}`);
    throw new Error(`${(error as Error).message} There are:\n${came.join('\n')}`, { cause: error });
  });
  return inTrace();
}

function only(spans: readonly CollectedSpan[], name: string): CollectedSpan {
  const found = spans.filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0]!;
}

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  sluice.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

describe('an import', () => {
  let spans: CollectedSpan[];

  beforeAll(async () => {
    const hook = await post('/v1/webhooks', { url: receiver.url, events: ['import.succeeded'] });
    expect(hook.status).toBe(201);
    const rows = Array.from(
      { length: 200 },
      (_, no) => `${no},${SECRET},a@b.c,Rome,${no === 7 ? SECRET : no}`,
    );
    const answer = await sluice.fetch('/v1/imports?dataset=people&mode=upsert&fileName=a-patient.csv', {
      method: 'POST',
      headers: { 'content-type': 'text/csv', traceparent: CALLER },
      body: `no,${FIELDS.join(',')}\n${rows.join('\n')}\n`,
    });
    expect(answer.status).toBe(202);
    const { id } = (await answer.json()) as { id: string };
    expect((await sluice.ended(id)).status).toBe('succeeded');
    spans = await spansOf(TRACE, 'publish', 'POST webhook', 'POST /v1/imports');
  });

  it('is one trace, from the caller through the request, the plan and the chunks to COPY, the publishing and the webhook', () => {
    const request = only(spans, 'POST /v1/imports');
    expect(request).toMatchObject({
      service: 'sluice-api',
      parentSpanId: 'b7ad6b7169203331',
      kind: 2,
      failed: false,
    });
    expect(request.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/imports',
      'http.response.status_code': 202,
    });
    expect(only(spans, 'receive file').parentSpanId).toBe(request.spanId);
    const sent = only(spans, 'send import');
    expect(sent).toMatchObject({ parentSpanId: request.spanId, kind: 4 });
    expect(sent.attributes).toMatchObject({
      'messaging.system': 'sluice',
      'messaging.destination.name': 'imports',
    });

    const turns = spans.filter(({ name }) => name === 'process import');
    expect(turns.length).toBeGreaterThanOrEqual(2);
    for (const turn of turns)
      expect(turn).toMatchObject({
        service: 'sluice-worker',
        parentSpanId: sent.spanId,
        kind: 5,
        failed: false,
      });
    const steps = new Map(
      spans.filter(({ name }) => name === 'import plan').map((span) => [span.spanId, span]),
    );
    for (const step of steps.values()) expect(turns.map(({ spanId }) => spanId)).toContain(step.parentSpanId);
    expect(steps.has(only(spans, 'publish').parentSpanId!)).toBe(true);

    const chunks = spans.filter(({ name }) => name === 'process chunk');
    expect(chunks.length).toBeGreaterThanOrEqual(3);
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({ parentSpanId: sent.spanId, failed: false });
      const load = spans.find(
        ({ name, parentSpanId }) => name === 'import load' && parentSpanId === chunk.spanId,
      )!;
      const below = spans.filter(({ parentSpanId }) => parentSpanId === load.spanId);
      expect(below.map(({ name }) => name).sort()).toEqual(['check records', 'land rows']);
      const landing = below.find(({ name }) => name === 'land rows')!;
      const copy = spans.find(
        ({ name, parentSpanId }) => name === 'COPY' && parentSpanId === landing.spanId,
      )!;
      expect(copy).toMatchObject({ kind: 3, failed: false });
      expect(copy.attributes).toMatchObject({ 'db.system.name': 'postgresql', 'db.operation.name': 'COPY' });
      expect(copy.startMs).toBeGreaterThanOrEqual(chunk.startMs - 5);
      expect(copy.endMs).toBeLessThanOrEqual(chunk.endMs + 5);
    }
    const delivery = only(spans, 'POST webhook');
    expect(delivery).toMatchObject({ parentSpanId: sent.spanId, failed: false });
    expect(receiver.received[0]!.headers['traceparent']).toBe(`00-${TRACE}-${delivery.spanId}-01`);
  });

  it('is sent with the headers of the environment, and says no value, file name or key', () => {
    expect(collector.bodies[0]!.authorization).toBe('Bearer of-the-collector');
    const all = collector.bodies.map(({ body }) => body.toString()).join('\n');
    expect(all).toContain('send import');
    for (const secret of [SECRET, 'a-patient', sluice.key]) expect(all).not.toContain(secret);
  });

  it('is named in the log', () => {
    const line = sluice.api
      .output()
      .split('\n')
      .find((text) => text.includes('/v1/imports?'))!;
    expect(JSON.parse(line)).toMatchObject({
      trace_id: TRACE,
      span_id: only(spans, 'POST /v1/imports').spanId,
    });
  });
});

it('a small file, which is landed with others, belongs to the trace of its request', async () => {
  const small = `no,${FIELDS.join(',')}\n900,a,b,c,1\n`;
  // The thread of small files starts with the first of them; the quick sweep of these tests would give that one to the queue.
  await sluice.ended(
    ((await (await sluice.send('people', small.replace('900', '901'))).json()) as { id: string }).id,
  );
  const trace = TRACE.replace('0af', '1af');
  const answer = await sluice.fetch('/v1/imports?dataset=people', {
    method: 'POST',
    headers: { 'content-type': 'text/csv', traceparent: CALLER.replace('0af', '1af') },
    body: small,
  });
  await sluice.ended(((await answer.json()) as { id: string }).id);
  const spans = await spansOf(trace, 'send import', 'process import', 'COPY');
  const landing = only(spans, 'process import');
  expect(landing).toMatchObject({ parentSpanId: only(spans, 'send import').spanId, failed: false });
  expect(only(spans, 'COPY').parentSpanId).toBe(landing.spanId);
});

describe('a task', () => {
  it('goes on with the trace of its request; what it asks for, and spans of its own code, belong to it too', async () => {
    const answer = await post('/v1/tasks', { name: 'asks', args: {} });
    const { id } = (await answer.json()) as { id: string };
    const { result } = await ended(sluice.database.pool, id);
    const [, traceId = ''] = (result as { traceparent: string }).traceparent.split('-');
    const spans = await spansOf(
      traceId,
      'POST /v1/tasks',
      'send asks',
      'process asks',
      'my own',
      'process add',
    );
    const request = only(spans, 'POST /v1/tasks');
    expect(request.parentSpanId ?? '').toBe('');
    const sent = only(spans, 'send asks');
    expect(sent.parentSpanId).toBe(request.spanId);
    const attempt = only(spans, 'process asks');
    expect(attempt.parentSpanId).toBe(sent.spanId);
    expect(attempt.attributes).toMatchObject({
      'messaging.message.id': id,
      'messaging.destination.name': 'default',
      'sluice.task.outcome': 'succeeded',
    });
    expect(only(spans, 'my own').parentSpanId).toBe(attempt.spanId);
    expect(only(spans, 'process add').parentSpanId).toBe(attempt.spanId);
  });

  it('of a program that gives `traceparent` to sluice.enqueue belongs to its trace, and a failure is marked by its code', async () => {
    const trace = TRACE.replace('0af', '2af');
    const id = await enqueue(
      sluice.database.pool,
      'fails',
      { of: SECRET },
      { traceparent: CALLER.replace('0af', '2af') },
    );
    expect((await ended(sluice.database.pool, id)).status).toBe('failed');
    const [attempt] = await spansOf(trace, 'process fails');
    expect(attempt).toMatchObject({ parentSpanId: 'b7ad6b7169203331', failed: true, kind: 5 });
    expect(attempt!.attributes).toMatchObject({ 'sluice.task.outcome': 'failed' });
    expect(JSON.stringify(collector.spans)).not.toContain(SECRET);
    await expect(enqueue(sluice.database.pool, 'add', {}, { traceparent: 'mine' })).rejects.toThrow(
      '"mine" is no traceparent',
    );
  });
});

it('a request that fails is marked', async () => {
  const trace = TRACE.replace('0af', '3af');
  const answer = await sluice.fetch('/v1/tasks/no-id', {
    headers: { traceparent: CALLER.replace('0af', '3af') },
  });
  expect(answer.status).toBe(400);
  const [request] = await spansOf(trace, 'GET /v1/tasks/:id');
  // The caller's mistake is no failure of the server.
  expect(request).toMatchObject({ failed: false, attributes: { 'http.response.status_code': 400 } });
  expect(collector.spans.map(({ name }) => name).filter((name) => name.includes('healthz'))).toEqual([]);
});

it('is loaded only where traces are asked for', async () => {
  const folder = join(REPOSITORY, 'dist/chunks');
  const chunks = (await readdir(folder)).filter((name) => name.endsWith('.js'));
  const programs = ['cli/main.js', 'worker/slots/slot.js', 'worker/io/io-thread.js'];
  const files = [
    ...chunks.map((name) => join(folder, name)),
    ...programs.map((name) => join(REPOSITORY, 'dist', name)),
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const sdk = files.find((_file, at) => texts[at]!.includes('OTEL_BSP_MAX_QUEUE_SIZE'))!;
  const loading = texts.flatMap((text) => text.split(`/${basename(sdk)}"`).slice(0, -1));
  expect(loading.length).toBeGreaterThan(0);
  for (const before of loading) expect(before.slice(-20)).toMatch(/import\("[./a-z]*$/);
});

it('a process that is stopped sends what it has, and one whose collector does not answer ends all the same', async () => {
  worker.kill('SIGTERM');
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  const id = await enqueue(sluice.database.pool, 'add', { a: 1, b: 2 });
  const other = await sluice.startWorker({
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_BSP_SCHEDULE_DELAY: '60000',
  });
  await ended(sluice.database.pool, id);
  collector.hang();
  other.kill('SIGTERM');
  const began = performance.now();
  expect(await other.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - began).toBeLessThan(15_000);
  const last = collector.bodies.filter(({ type }) => type === 'application/x-protobuf');
  expect(last.some(({ body }) => body.includes('process add'))).toBe(true);
});
