// Against cron-parser, where that is known to be right: in UTC, and for days of month and of week of which at most one is restricted, or both
// by numbers. (bullmq brings it; where clocks change it is wrong in several zones.)
import { CronExpressionParser } from 'cron-parser';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCron } from '../../../src/core/schedules/cron.ts';
import { ruleOf, runsOf } from './rule-of.ts';

const number = (min: number, max: number) => fc.integer({ min, max }).map(String);
const range = (min: number, max: number) =>
  fc
    .tuple(fc.integer({ min, max: max - 1 }), fc.nat())
    .map(([low, more]) => [low, low + 1 + (more % (max - low))] as const);
const plain = (min: number, max: number) =>
  fc.oneof(
    number(min, max),
    range(min, max).map(([low, high]) => `${low}-${high}`),
    range(min, max).chain(([low, high]) => number(1, high - low).map((step) => `${low}-${high}/${step}`)),
  );
const list = (min: number, max: number) =>
  fc.array(plain(min, max), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
const field = (min: number, max: number) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant('*') },
    { weight: 1, arbitrary: number(1, max - min).map((step) => `*/${step}`) },
    { weight: 3, arbitrary: list(min, max) },
  );

const days = fc.oneof(
  fc.tuple(fc.constant('*'), field(0, 6)),
  fc.tuple(field(1, 31), fc.constant('*')),
  fc.tuple(list(1, 31), list(0, 6)),
  fc.tuple(fc.constant('L'), fc.constant('*')),
  fc.tuple(
    fc.constant('*'),
    fc.tuple(number(0, 6), number(1, 5)).map(([day, nth]) => `${day}#${nth}`),
  ),
  fc.tuple(
    fc.constant('*'),
    number(0, 6).map((day) => `${day}L`),
  ),
);

const expression = fc
  .tuple(field(0, 59), field(0, 59), field(0, 23), field(1, 12), days)
  .map(([second, minute, hour, month, [inMonth, inWeek]]) =>
    [second, minute, hour, inMonth, month, inWeek].join(' '),
  );

/** A day that never comes is refused; the other parser looks for it for long. */
function isTaken(cron: string): boolean {
  try {
    return parseCron(cron) !== undefined;
  } catch (error) {
    if (/no day ever matches/.test((error as Error).message)) return false;
    throw error;
  }
}

/** Undefined for what it refuses: numbers that are there twice. */
function otherRuns(cron: string, after: Date): string[] | undefined {
  try {
    const runs = CronExpressionParser.parse(cron, { tz: 'UTC', currentDate: after });
    return Array.from({ length: 5 }, () =>
      runs
        .next()
        .toDate()
        .toISOString()
        .replace(/:00\.000Z$/, 'Z'),
    );
  } catch (error) {
    if (/duplicate values/.test((error as Error).message)) return undefined;
    throw error;
  }
}

it('runs of random expressions in UTC are those of another parser', () => {
  fc.assert(
    fc.property(
      expression,
      fc.date({ min: new Date('2024-01-01'), max: new Date('2032-01-01'), noInvalidDate: true }),
      (cron, after) => {
        fc.pre(isTaken(cron));
        // It counts a range of all days as no restriction; cron does not.
        fc.pre(!/ 1-31(\/1)? /.test(cron) && !/ 0-6(\/1)?$/.test(cron));
        const expected = otherRuns(cron, after);
        fc.pre(expected !== undefined);
        expect(runsOf(ruleOf({ cron }), after.toISOString(), 5), cron).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});
