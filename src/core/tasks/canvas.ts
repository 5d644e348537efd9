// Chains, groups and chords: what is asked for, and how they stand. One table for HTTP, TypeScript and the documentation; SQL reads the
// same names (sluice.create_group).
import { Type, type TSchema } from 'typebox';
import { TASK_OPTIONS, type TaskOptions } from './task-options.ts';

/** What becomes of the whole when a member has failed, or was cancelled. */
const WhenItFails = Type.Enum(['fail', 'continue'], {
  type: 'string',
  description:
    '`fail`: the whole has failed, and what is left of it is cancelled. `continue`: it goes on with `null` in the place of the result.',
});

/** Members of one chain or group. */
export const MOST_MEMBERS = 10_000;

// A member that is the second of a unique key would never end here, and its parent is the group.
const { unique: _unique, parentId: _parentId, ...memberOptions } = TASK_OPTIONS;

const MEMBER = {
  whenItFails: Type.Optional(WhenItFails),
  into: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'The argument that is given what came before: of a chain the result of the member before, of a callback the list of results.',
    }),
  ),
  errorsInto: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Of a callback: the argument that is given the list of errors, with `null` where there was none.',
    }),
  ),
};

const CONTAINER = {
  whenOneFails: Type.Optional(
    Type.Enum(['fail', 'continue'], {
      type: 'string',
      default: 'fail',
      description: 'For members that say nothing of themselves by `whenItFails`.',
    }),
  ),
};

const TaskMemberSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'The task.' }),
    args: Type.Optional(
      Type.Object({}, { additionalProperties: true, description: 'As its definition describes them.' }),
    ),
    options: Type.Optional(
      Type.Object(memberOptions, { additionalProperties: false, description: 'As for any task.' }),
    ),
    ...MEMBER,
  },
  { additionalProperties: false, description: 'A task.' },
);

const chainOf = (inner: TSchema) =>
  Type.Object(
    {
      chain: Type.Array(inner, { minItems: 1, maxItems: MOST_MEMBERS, description: 'One after the other.' }),
      ...CONTAINER,
      ...MEMBER,
    },
    { additionalProperties: false, description: 'One after the other; its result is that of the last.' },
  );

const groupOf = (inner: TSchema) =>
  Type.Object(
    {
      group: Type.Array(inner, {
        minItems: 1,
        maxItems: MOST_MEMBERS,
        description: 'All at the same time.',
      }),
      callback: Type.Optional(inner),
      ...CONTAINER,
      ...MEMBER,
    },
    {
      additionalProperties: false,
      description:
        'All at the same time; its result is the list of theirs, in their order. With `callback` it is a chord: this one begins when the others have ended, and its result is that of the whole.',
    },
  );

/**
 * A member and what may be within it.
 * @param named gives the schemas names in OpenAPI
 */
export function memberSchema(named: <T extends TSchema>(name: string, schema: T) => T): TSchema {
  // Its own copy, since a name is given to the schema itself.
  const task = named('TaskMember', { ...TaskMemberSchema });
  let member: TSchema = task;
  for (let depth = 1; depth < DEEPEST; depth++)
    member = Type.Union([
      task,
      named(`ChainOfDepth${depth}`, chainOf(member)),
      named(`GroupOfDepth${depth}`, groupOf(member)),
    ]);
  return Type.Union([chainOf(member), groupOf(member)]);
}

/** The whole: a chain or a group, and chains and groups within it. */
const DEEPEST = 3;

export type FailureRule = 'fail' | 'continue';

interface AsMember {
  readonly whenItFails?: FailureRule;
  readonly into?: string;
  readonly errorsInto?: string;
}

export interface TaskMember extends AsMember {
  readonly name: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly options?: Omit<TaskOptions, 'unique' | 'parentId'>;
}

export interface Chain extends AsMember {
  readonly chain: readonly CanvasMember[];
  readonly whenOneFails?: FailureRule;
}

/** With `callback`, a chord. */
export interface Group extends AsMember {
  readonly group: readonly CanvasMember[];
  readonly callback?: CanvasMember;
  readonly whenOneFails?: FailureRule;
}

/** The same with a trace for each task in it that has none of its own. */
export function withTraceparent<Member extends CanvasMember>(member: Member, traceparent: string): Member {
  const within = (each: CanvasMember): CanvasMember => withTraceparent(each, traceparent);
  if ('chain' in member) return { ...member, chain: member.chain.map(within) };
  if ('group' in member)
    return {
      ...member,
      group: member.group.map(within),
      ...(member.callback === undefined ? {} : { callback: within(member.callback) }),
    };
  return { ...member, options: { traceparent, ...member.options } };
}

export type Canvas = Chain | Group;
export type CanvasMember = TaskMember | Canvas;

export const GROUP_KINDS = ['chain', 'group', 'chord'] as const;
export type GroupKind = (typeof GROUP_KINDS)[number];

export const GROUP_STATUSES = ['running', 'succeeded', 'failed', 'cancelled'] as const;
export type GroupStatus = (typeof GROUP_STATUSES)[number];

export const MEMBER_STATUSES = ['waiting', ...GROUP_STATUSES] as const;
/** `waiting`: its turn has not come. */
export type MemberStatus = (typeof MEMBER_STATUSES)[number];

/** Why a group has failed, or what a member has failed with. */
export interface GroupError {
  readonly code: string;
  readonly message: string;
  /** Of a group: the member, from 0 on. */
  readonly place?: number;
  readonly taskId?: string;
}

/** All tasks within, with where each is (RFC 6901). */
export function tasksWithin(
  member: CanvasMember,
  pointer = '',
): { readonly task: TaskMember; readonly pointer: string }[] {
  if ('name' in member) return [{ task: member, pointer }];
  const [list, at] = 'chain' in member ? [member.chain, 'chain'] : [member.group, 'group'];
  const within = list.flatMap((each, place) => tasksWithin(each, `${pointer}/${at}/${place}`));
  if ('group' in member && member.callback !== undefined)
    within.push(...tasksWithin(member.callback, `${pointer}/callback`));
  return within;
}
