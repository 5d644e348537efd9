// Traces by OpenTelemetry's SDK. Loaded only where they are asked for (start-tracing.ts). What the SDK reads of the environment holds: the
// sampler, limits, the batch, the exporter's address and headers, the service's name and the resource's attributes.
import { hostname } from 'node:os';
import {
  context,
  diag,
  DiagLogLevel,
  propagation,
  ROOT_CONTEXT,
  SpanKind as Kind,
  SpanStatusCode,
  trace,
  type Context,
  type Span as OpenTelemetrySpan,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { protocolOf, type StopTracing } from './start-tracing.ts';
import { parseTraceparent, traceparentText } from './traceparent.ts';
import {
  useTracer,
  type BegunSpan,
  type RecordedSpan,
  type SpanKind,
  type SpanStart,
  type Tracer,
} from './tracing.ts';

const KINDS: Readonly<Record<SpanKind, Kind>> = {
  internal: Kind.INTERNAL,
  server: Kind.SERVER,
  client: Kind.CLIENT,
  producer: Kind.PRODUCER,
  consumer: Kind.CONSUMER,
};
/** A process that ends waits no longer for a collector than this. */
const LAST_EXPORT_MS = 3000;
/** A collector that is away is told of so seldom. */
const SAY_AGAIN_MS = 60_000;

export async function startOpenTelemetry(
  part: string,
  version: string,
  warn: (message: string) => void,
): Promise<StopTracing> {
  sayProblems(warn);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  // For the code of tasks, which may ask the API of OpenTelemetry for it.
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.name': `sluice-${part}`,
          'service.version': version,
          'host.name': hostname(),
          'process.pid': process.pid,
        }),
      )
      .merge(detectResources({ detectors: [envDetector] })),
    // It exports beside the work, and drops spans when its queue is full.
    spanProcessors: [new BatchSpanProcessor(await openExporter())],
  });
  trace.setGlobalTracerProvider(provider);
  useTracer(createTracer(provider.getTracer('sluice', version)));
  return async () => {
    useTracer(undefined);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LAST_EXPORT_MS)));
    await Promise.race([provider.shutdown().catch(() => undefined), late]);
    clearTimeout(timer);
  };
}

async function openExporter(): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    protocolOf(process.env) === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

/** What the SDK says goes to the log, where the first of many says enough. */
function sayProblems(warn: (message: string) => void): void {
  let saidAt = -Infinity;
  const say = (message: string): void => {
    if (performance.now() - saidAt < SAY_AGAIN_MS) return;
    saidAt = performance.now();
    warn(`OpenTelemetry: ${message}`);
  };
  const nothing = (): void => undefined;
  diag.setLogger(
    { error: say, warn: say, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

function createTracer(tracer: ReturnType<BasicTracerProvider['getTracer']>): Tracer {
  function begin({ name, kind = 'internal', attributes = {}, parent }: SpanStart): BegunSpan {
    const under = contextOf(parent);
    const span = tracer.startSpan(name, { kind: KINDS[kind], attributes }, under);
    let isOver = false;
    return {
      traceparent: traceparentOf(span),
      set: (more) => {
        if (!isOver) span.setAttributes(more);
      },
      fail: (type) => {
        if (!isOver) markFailed(span, type);
      },
      enter: (work) => context.with(trace.setSpan(under, span), work),
      end: () => {
        if (!isOver) span.end();
        isOver = true;
      },
    };
  }

  function adopt(recorded: readonly RecordedSpan[]): void {
    const made: OpenTelemetrySpan[] = [];
    for (const { name, kind, attributes, parent, startMs, failed } of recorded) {
      const under =
        typeof parent === 'number' ? trace.setSpan(ROOT_CONTEXT, made[parent]!) : contextOf(parent);
      const span = tracer.startSpan(name, { kind: KINDS[kind], attributes, startTime: startMs }, under);
      if (failed !== undefined) markFailed(span, failed);
      made.push(span);
    }
    for (const [at, span] of made.entries()) span.end(recorded[at]!.endMs);
  }

  return {
    begin,
    adopt,
    current: () => {
      const span = trace.getActiveSpan();
      return span && traceparentOf(span);
    },
    ids: () => {
      const open = trace.getActiveSpan()?.spanContext();
      return open && { trace_id: open.traceId, span_id: open.spanId };
    },
  };
}

function contextOf(parent: string | null | undefined): Context {
  if (parent === undefined) return context.active();
  const known = parent === null ? undefined : parseTraceparent(parent);
  if (known === undefined) return ROOT_CONTEXT;
  const { traceId, spanId, flags } = known;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: flags, isRemote: true });
}

function traceparentOf(span: OpenTelemetrySpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return traceparentText({ traceId, spanId, flags: traceFlags });
}

function markFailed(span: OpenTelemetrySpan, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
