import { expect, it } from 'vitest';
import { dueRuns, type Misfire } from '../../../src/core/schedules/due-runs.ts';
import { ruleOf } from './rule-of.ts';

const NOON = Date.parse('2026-05-01T12:00:00Z');
const minutely = ruleOf({ cron: '* * * * *' });

function dueOf(firstDue: number, now: number, misfire: Misfire, rule = minutely) {
  const { due, missed } = dueRuns(rule, firstDue, now, misfire);
  return { due: due.map((each) => (each - NOON) / 1000), missed };
}

it('a run that is a little late is made, whatever the policy', () => {
  for (const misfire of ['skip', 'one', 'all'] as const) {
    expect(dueOf(NOON, NOON, misfire)).toEqual({ due: [0], missed: false });
    expect(dueOf(NOON, NOON + 5000, misfire)).toEqual({ due: [0], missed: false });
    const bySeconds = ruleOf({ cron: '* * * * * *' });
    expect(dueOf(NOON, NOON + 3400, misfire, bySeconds)).toEqual({ due: [0, 1, 2, 3], missed: false });
  }
});

it('after an outage the policy decides', () => {
  const now = NOON + 3 * 60_000 + 20_000;
  expect(dueOf(NOON, now, 'skip')).toEqual({ due: [], missed: true });
  expect(dueOf(NOON, now, 'one')).toEqual({ due: [180], missed: true });
  expect(dueOf(NOON, now, 'all')).toEqual({ due: [0, 60, 120, 180], missed: true });
});

it('all makes the newest thousand of those that were missed, and a year by seconds is found at once', () => {
  const bySeconds = ruleOf({ cron: '* * * * * *' });
  const began = performance.now();
  const { due } = dueRuns(bySeconds, NOON - 365 * 86_400_000, NOON, 'all');
  expect(performance.now() - began).toBeLessThan(1000);
  expect(due).toHaveLength(1000);
  expect(due[0]).toBe(NOON - 999_000);
  expect(due.at(-1)).toBe(NOON);
  expect(dueRuns(ruleOf({ every: '1s' }), NOON - 365 * 86_400_000, NOON, 'one').due).toHaveLength(1);
});

it('the run that was due stays so when the rule has changed', () => {
  const yearly = ruleOf({ cron: '0 0 1 1 *' });
  expect(dueOf(NOON, NOON + 1000, 'skip', yearly).due).toEqual([0]);
  expect(dueOf(NOON, NOON + 3_600_000, 'one', yearly).due).toEqual([0]);
  expect(dueOf(NOON, NOON + 3_600_000, 'all', yearly).due).toEqual([0]);
});

it('a run that waits only because much is due was not missed', () => {
  expect(dueRuns(minutely, NOON, NOON + 50_000, 'skip', NOON + 20)).toEqual({ due: [NOON], missed: false });
});
