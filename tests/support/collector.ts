// A collector of traces, on loopback: it reads OTLP over HTTP in its JSON form.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly kind: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Collector {
  readonly url: string;
  readonly spans: CollectedSpan[];
  /** Bodies as they came, with their types. */
  readonly bodies: {
    readonly type: string;
    readonly authorization: string | undefined;
    readonly body: Buffer;
  }[];
  /** From now on it takes requests and answers none. */
  hang(): void;
  close(): Promise<void>;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Export {
  readonly resourceSpans: {
    readonly resource: { readonly attributes: Attribute[] };
    readonly scopeSpans: { readonly spans: Record<string, never>[] }[];
  }[];
}

export async function openCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const bodies: Collector['bodies'] = [];
  let hangs = false;
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const type = request.headers['content-type'] ?? '';
    bodies.push({ type, authorization: request.headers.authorization, body });
    if (hangs) return;
    if (type === 'application/json') spans.push(...spansOf(JSON.parse(body.toString()) as Export));
    response.writeHead(200, { 'content-type': type }).end(type === 'application/json' ? '{}' : '');
  };
  // A process that is killed has sent nothing.
  const server = createServer((request, response) => void take(request, response).catch(() => undefined));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies,
    hang: () => void (hangs = true),
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

function spansOf({ resourceSpans }: Export): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      (scope.spans as Record<string, unknown>[]).map((span) => ({
        service: String(valuesOf(resource.attributes)['service.name']),
        name: String(span['name']),
        traceId: String(span['traceId']),
        spanId: String(span['spanId']),
        parentSpanId: span['parentSpanId'] as string | undefined,
        kind: Number(span['kind']),
        failed: (span['status'] as { code?: number } | undefined)?.code === 2,
        attributes: valuesOf(span['attributes'] as Attribute[]),
        startMs: Number(span['startTimeUnixNano']) / 1e6,
        endMs: Number(span['endTimeUnixNano']) / 1e6,
      })),
    ),
  );
}

function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
