// How chains, groups and chords are written in TypeScript: `ctx.begin(chain([task('add', { a: 1, b: 2 }), task('add', { b: 3 }, { into: 'a' })]))`.
import type { CanvasMember, Chain, Group, TaskMember } from '../core/tasks/canvas.ts';

type MemberOptions = Omit<TaskMember, 'name' | 'args'>;

/** A member that is a task. @param options `into` says which argument is given what comes before, `options` those of any task */
export function task(
  name: string,
  args: Readonly<Record<string, unknown>> = {},
  options: MemberOptions = {},
): TaskMember {
  return { name, args, ...options };
}

/** One after the other; its result is that of the last. */
export function chain(members: readonly CanvasMember[], options: Omit<Chain, 'chain'> = {}): Chain {
  return { chain: members, ...options };
}

/** All at the same time; its result is the list of theirs, in their order. */
export function group(
  members: readonly CanvasMember[],
  options: Omit<Group, 'group' | 'callback'> = {},
): Group {
  return { group: members, ...options };
}

/** A group whose results, in their order, are given to a task: to its argument `into`. */
export function chord(
  members: readonly CanvasMember[],
  callback: CanvasMember,
  options: Omit<Group, 'group' | 'callback'> = {},
): Group {
  return { group: members, callback, ...options };
}
