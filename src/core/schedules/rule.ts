// From what a schedule says of its times to the rule that next-run.ts follows.
import { AppError, type ErrorItem } from '../../errors.ts';
import { checkTimeZone } from '../dataset/fields/readers/time-zone.ts';
import { parseCron } from './cron.ts';
import { parseEvery } from './duration.ts';
import { LocalClock } from './local-clock.ts';
import type { Rule } from './next-run.ts';

/** When a schedule runs, as people write it: exactly one of `cron`, `every` and `at`. */
export interface Timing {
  readonly cron?: string | undefined;
  readonly every?: string | undefined;
  readonly at?: Date | undefined;
  /** Whose clocks `cron` speaks of. */
  readonly timeZone: string;
  /** The first and the last instant at which it may run, both included. */
  readonly startAt?: Date | undefined;
  readonly endAt?: Date | undefined;
}

/**
 * @param savedAt what `every` counts from when there is no `startAt`
 * @throws AppError SCHEDULE_INVALID, with all that is wrong and JSON pointers of `Timing`
 */
export function parseRule(timing: Timing, savedAt: Date): Rule {
  const problems: ErrorItem[] = [];
  const read = <T>(name: keyof Timing, parse: () => T): T | undefined => {
    try {
      return parse();
    } catch (error) {
      problems.push({ pointer: `/${name}`, detail: `${name}: ${(error as Error).message}` });
      return undefined;
    }
  };

  const { cron, every, at, timeZone, startAt, endAt } = timing;
  const given = [cron, every, at].filter((each) => each !== undefined).length;
  if (given !== 1)
    problems.push({
      pointer: '',
      detail: `a schedule has one of cron, every and at, and this has ${given === 0 ? 'none' : given}`,
    });
  const zone = read('timeZone', () => {
    checkTimeZone(timeZone);
    return new LocalClock(timeZone);
  });
  const parsed = cron === undefined ? undefined : read('cron', () => parseCron(cron));
  const everyMs = every === undefined ? undefined : read('every', () => parseEvery(every));
  if (startAt !== undefined && endAt !== undefined && endAt < startAt)
    problems.push({ pointer: '/endAt', detail: 'endAt: it must not be before startAt' });

  if (problems.length > 0) throw invalid(problems);
  const bounds = {
    ...(startAt === undefined ? {} : { startMs: startAt.getTime() }),
    ...(endAt === undefined ? {} : { endMs: endAt.getTime() }),
  };
  if (parsed !== undefined) return { kind: 'cron', cron: parsed, clock: zone!, ...bounds };
  if (everyMs !== undefined)
    // Without a start, the first run is one pause after it was saved.
    return { kind: 'every', everyMs, anchorMs: startAt?.getTime() ?? savedAt.getTime() + everyMs, ...bounds };
  return { kind: 'at', atMs: at!.getTime(), ...bounds };
}

/** @param problems one or more */
export function invalid(problems: readonly ErrorItem[]): AppError {
  return new AppError(
    'SCHEDULE_INVALID',
    `The schedule is not valid: ${problems.map(({ detail }) => detail).join('; ')}.`,
    {},
    { errors: problems },
  );
}
