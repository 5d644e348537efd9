// What OpenTelemetry's conventions for messaging call the parts of a task: it is sent when it is recorded, and processed by each attempt.
import type { Attributes, SpanStart } from './tracing.ts';

interface TaskOfSpan {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
}

const SYSTEM = { 'messaging.system': 'sluice' } as const;

/** Of who asks for a task: the span ends when Postgres has it. */
export function sendingSpan(name: string, more: Attributes = {}): SpanStart {
  return {
    name: `send ${name}`,
    kind: 'producer',
    attributes: {
      ...SYSTEM,
      'messaging.operation.type': 'send',
      'messaging.operation.name': 'send',
      ...more,
    },
  };
}

/** Of an attempt, or of a turn of an import. @param traceparent as the task was recorded with it; null: it begins a trace */
export function processingSpan(
  { id, name, queue }: TaskOfSpan,
  traceparent: string | null,
  more: Attributes = {},
): SpanStart {
  return {
    name: `process ${name}`,
    kind: 'consumer',
    parent: traceparent,
    attributes: {
      ...SYSTEM,
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': queue,
      'messaging.message.id': id,
      'sluice.task.name': name,
      ...more,
    },
  };
}
