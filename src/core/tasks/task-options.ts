// What may be said of a task besides its name and arguments: the one table, for HTTP, TypeScript and the documentation. SQL reads the
// same names (sluice.enqueue_all, migrations/0020).
import { Type, type Static } from 'typebox';
import { duration } from './duration-schema.ts';
import { KEY_OPTIONS } from './key-limits.ts';
import { QUEUE_NAME_PATTERN } from './queue-names.ts';

const SMALLEST_PRIORITY = -32_768;
const LARGEST_PRIORITY = 32_767;
const MOST_RETRIES = 1000;
const MOST_TAGS = 20;
/** Version 00 of the standard. */
const TRACEPARENT_PATTERN = '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$';

const instant = (description: string) => Type.String({ format: 'date-time', description });

export const BackoffOptions = Type.Object(
  {
    type: Type.Optional(
      Type.Enum(['fixed', 'exponential'], {
        type: 'string',
        default: 'exponential',
        description: '`exponential` doubles the wait with each attempt.',
      }),
    ),
    delay: Type.Optional(duration('The wait before the second attempt, 1s if not given.')),
    max: Type.Optional(duration('The longest wait, 1h if not given.')),
    jitter: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0.3,
        description: 'The part of the wait that chance may take off.',
      }),
    ),
  },
  { additionalProperties: false, description: 'How long it waits between attempts.' },
);

export const TASK_OPTIONS = {
  queue: Type.Optional(
    Type.String({
      pattern: QUEUE_NAME_PATTERN,
      description: 'Which workers take it. As its definition says, if not given.',
    }),
  ),
  priority: Type.Optional(
    Type.Integer({
      minimum: SMALLEST_PRIORITY,
      maximum: LARGEST_PRIORITY,
      description: 'The lower, the sooner, among the due tasks of a queue; 0 if nothing says otherwise.',
    }),
  ),
  delay: Type.Optional(duration('It begins after this.')),
  eta: Type.Optional(instant('It begins from then on (RFC 3339). Not with `delay`.')),
  expires: Type.Optional(
    Type.Union([Type.Integer({ minimum: 0 }), Type.String()], {
      description: 'A duration or an instant: if it has not begun by then, it is cancelled.',
    }),
  ),
  retries: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MOST_RETRIES,
      description: 'How often it is tried again when it has failed. As its definition says, if not given.',
    }),
  ),
  backoff: Type.Optional(BackoffOptions),
  timeLimit: Type.Optional(duration('An attempt that takes longer has failed.')),
  softTimeLimit: Type.Optional(
    duration('After this the task is told to stop, by its signal; it may still end well.'),
  ),
  unique: Type.Optional(
    Type.Object(
      {
        key: Type.String({ minLength: 1, maxLength: 500 }),
        for: Type.Optional(
          duration('For so long, whether it has ended or not. Until it has ended, if not given.'),
        ),
      },
      {
        additionalProperties: false,
        description:
          'A second task of this name with the same key is not recorded: the first is answered in its place.',
      },
    ),
  ),
  tags: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      maxItems: MOST_TAGS,
      description: 'Words to find it by.',
    }),
  ),
  ...KEY_OPTIONS,
  parentId: Type.Optional(Type.String({ format: 'uuid', description: 'The task that has asked for it.' })),
  traceparent: Type.Optional(
    Type.String({
      pattern: TRACEPARENT_PATTERN,
      description:
        'The trace to which its spans belong (W3C Trace Context). That of the request, if not given and where Sluice traces.',
      examples: ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    }),
  ),
} as const;

export const TaskOptionsSchema = Type.Object(TASK_OPTIONS, { additionalProperties: false });
export type TaskOptions = Static<typeof TaskOptionsSchema>;
