// Spans: what was done, for how long, and for which request. Without a tracer, which is how every thread begins, `traced` only calls its work.
// There is one tracer a thread, and no handing around of it: a span is open for whatever is called while it is, as in OpenTelemetry itself.
import { errorType } from './error-type.ts';

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** As OpenTelemetry has them: `server` and `consumer` are what a process was asked for, `client` and `producer` what it asks of others. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface SpanStart {
  /** Of few: what differs from one to the next belongs into the attributes. */
  readonly name: string;
  readonly kind?: SpanKind;
  /** Ids, names and numbers. Never a value of a record, the name of a file, an address with a query, or a key. */
  readonly attributes?: Attributes;
  /** The `traceparent` of the span that it belongs to; left out: the one that is open. Null: none, it begins a trace. */
  readonly parent?: string | null | undefined;
  /** Whether what the work throws is a failure. Left out: it always is. */
  readonly isFailure?: (error: unknown) => boolean;
}

/** A span as its work sees it. */
export interface Span {
  set(attributes: Attributes): void;
  /** Marks it as failed. @param type a code or the name of a class; never a message, which may quote a value */
  fail(type: string): void;
}

/** A span that was begun and is to be ended by whoever has begun it. */
export interface BegunSpan extends Span {
  /** As the header `traceparent` has it; undefined where ids are given later. */
  readonly traceparent: string | undefined;
  /** Runs work for which this span is the open one. */
  enter<T>(work: () => T): T;
  /** At the end of what it stands for; a second call does nothing. */
  end(): void;
}

export interface Tracer {
  begin(start: SpanStart): BegunSpan;
  /** The open span's `traceparent`. */
  current(): string | undefined;
  /** For the log: ids of the open span. */
  ids(): { readonly trace_id: string; readonly span_id: string } | undefined;
  /** Makes spans of those that another thread has recorded, under the open one. */
  adopt(spans: readonly RecordedSpan[]): void;
}

/** A span of a thread that has no exporter (span-recorder.ts). Times are milliseconds since 1970. */
export interface RecordedSpan {
  readonly name: string;
  readonly kind: SpanKind;
  /** A place among the spans that were recorded together, all of them begun earlier; or a `traceparent`; undefined: the open span of who adopts it. */
  readonly parent: number | string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly failed: string | undefined;
}

const NOTHING: Span = { set: () => undefined, fail: () => undefined };

let tracer: Tracer | undefined;

/** From now on this thread's spans go to it. @returns what was there before */
export function useTracer(next: Tracer | undefined): Tracer | undefined {
  const before = tracer;
  tracer = next;
  return before;
}

/** The one of this thread; undefined: tracing is off. */
export function currentTracer(): Tracer | undefined {
  return tracer;
}

/** The open span as the header `traceparent` has it; undefined when there is none. */
export function currentTraceparent(): string | undefined {
  return tracer?.current();
}

/** The same as an option of a task. */
export function ofTrace(): { readonly traceparent?: string } {
  const traceparent = currentTraceparent();
  return traceparent === undefined ? {} : { traceparent };
}

/** Does work within a span. @throws what the work throws, after it has marked the span */
export async function traced<T>(start: SpanStart, work: (span: Span) => Promise<T>): Promise<T> {
  if (tracer === undefined) return work(NOTHING);
  const span = tracer.begin(start);
  return span.enter(async () => {
    try {
      return await work(span);
    } catch (error) {
      if (start.isFailure?.(error) ?? true) span.fail(errorType(error));
      throw error;
    } finally {
      span.end();
    }
  });
}
