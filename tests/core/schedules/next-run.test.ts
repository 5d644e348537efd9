// Named cases; zones.test.ts goes through all zones.
import { describe, expect, it } from 'vitest';
import { nextRun, nextRuns } from '../../../src/core/schedules/next-run.ts';
import { ruleOf, runsOf } from './rule-of.ts';

const runs = (cron: string, timeZone: string, after: string, count: number) =>
  runsOf(ruleOf({ cron, timeZone }), after, count);

describe('clocks are put forward', () => {
  it.each([
    // zone, expression, after, runs
    ['Europe/Berlin', '30 2 * * *', '2026-03-28T12:00Z', ['03-29T01:00Z', '03-30T00:30Z']],
    ['Europe/Berlin', '*/20 2 * * *', '2026-03-28T12:00Z', ['03-29T01:00Z', '03-30T00:00Z', '03-30T00:20Z']],
    ['Europe/Berlin', '30 2,3 * * *', '2026-03-28T12:00Z', ['03-29T01:00Z', '03-29T01:30Z', '03-30T00:30Z']],
    ['Europe/Berlin', '0 2,3 * * *', '2026-03-28T12:00Z', ['03-29T01:00Z', '03-30T00:00Z']],
    ['Europe/Berlin', '5 * * * *', '2026-03-28T23:30Z', ['03-29T00:05Z', '03-29T01:05Z', '03-29T02:05Z']],
    ['America/New_York', '30 2 * * *', '2026-03-07T12:00Z', ['03-08T07:00Z', '03-09T06:30Z']],
    ['Australia/Lord_Howe', '15 2 * * *', '2026-10-03T00:00Z', ['10-03T15:30Z', '10-04T15:15Z']],
    [
      'Australia/Lord_Howe',
      '0 * * * *',
      '2026-10-03T14:00Z',
      ['10-03T14:30Z', '10-03T15:30Z', '10-03T16:00Z'],
    ],
    ['Pacific/Chatham', '0 3 * * *', '2026-09-26T00:00Z', ['09-26T14:00Z', '09-27T13:15Z']],
    ['Pacific/Chatham', '0 * * * *', '2026-09-26T13:00Z', ['09-26T13:15Z', '09-26T14:00Z', '09-26T14:15Z']],
    ['Africa/Cairo', '0 0 * * *', '2026-04-23T12:00Z', ['04-23T22:00Z', '04-24T21:00Z']],
    ['Africa/Cairo', '30 0 * * *', '2026-04-23T12:00Z', ['04-23T22:00Z', '04-24T21:30Z']],
    ['Antarctica/Troll', '0 2 * * *', '2026-03-28T12:00Z', ['03-29T01:00Z', '03-30T00:00Z']],
    // The gap ends on the next day: Saturday's run comes at midnight.
    ['America/Nuuk', '30 23 * * *', '2026-03-28T12:00Z', ['03-29T01:00Z', '03-30T00:30Z']],
  ])('%s %s', (timeZone, cron, after, expected) => {
    expect(runs(cron, timeZone, after, expected.length)).toEqual(expected.map((run) => `2026-${run}`));
  });

  it('a day that a zone has left out has no run', () => {
    expect(runs('0 12 * * *', 'Pacific/Apia', '2011-12-29T00:00Z', 2)).toEqual([
      '2011-12-29T22:00Z',
      '2011-12-30T22:00Z',
    ]);
    expect(runs('0 * 30 12 *', 'Pacific/Apia', '2011-12-29T00:00Z', 1)).toEqual(['2012-12-29T10:00Z']);
  });
});

describe('clocks are put back', () => {
  it.each([
    ['Europe/Berlin', '30 2 * * *', '2026-10-24T12:00Z', ['10-25T00:30Z', '10-26T01:30Z']],
    ['Europe/Berlin', '15,45 2 * * *', '2026-10-24T12:00Z', ['10-25T00:15Z', '10-25T00:45Z', '10-26T01:15Z']],
    ['Europe/Berlin', '30 * * * *', '2026-10-24T23:45Z', ['10-25T00:30Z', '10-25T01:30Z', '10-25T02:30Z']],
    ['Europe/Berlin', '*/30 * * * *', '2026-10-25T00:15Z', ['10-25T00:30Z', '10-25T01:00Z', '10-25T01:30Z']],
    // Asked for in the second of the two hours.
    ['Europe/Berlin', '30 2 * * *', '2026-10-25T01:15Z', ['10-26T01:30Z']],
    ['Europe/Berlin', '0 3 * * *', '2026-10-25T01:15Z', ['10-25T02:00Z']],
    ['America/New_York', '30 1 * * *', '2026-10-31T12:00Z', ['11-01T05:30Z', '11-02T06:30Z']],
    ['Australia/Lord_Howe', '45 1 * * *', '2026-04-04T12:00Z', ['04-04T14:45Z', '04-05T15:15Z']],
    [
      'Australia/Lord_Howe',
      '0 * * * *',
      '2026-04-04T13:30Z',
      ['04-04T14:00Z', '04-04T15:30Z', '04-04T16:30Z'],
    ],
    ['Pacific/Chatham', '0 3 * * *', '2026-04-04T00:00Z', ['04-04T13:15Z', '04-05T14:15Z']],
    ['Africa/Cairo', '30 23 * * *', '2026-10-29T12:00Z', ['10-29T20:30Z', '10-30T21:30Z']],
    ['Africa/Cairo', '0 0 * * *', '2026-10-29T12:00Z', ['10-29T22:00Z', '10-30T22:00Z']],
    ['Atlantic/Azores', '30 0 * * *', '2026-10-24T12:00Z', ['10-25T00:30Z', '10-26T01:30Z']],
    ['Antarctica/Troll', '0 2 * * *', '2026-10-24T12:00Z', ['10-25T00:00Z', '10-26T02:00Z']],
  ])('%s %s', (timeZone, cron, after, expected) => {
    expect(runs(cron, timeZone, after, expected.length)).toEqual(expected.map((run) => `2026-${run}`));
  });
});

it('an offset is a zone without changes', () => {
  expect(runs('30 9 * * *', '+09:00', '2026-03-28T12:00Z', 1)).toEqual(['2026-03-29T00:30Z']);
  expect(runs('30 9 * * *', '-03:30', '2026-03-28T13:00Z', 1)).toEqual(['2026-03-29T13:00Z']);
});

describe('every', () => {
  it('counts from when it was saved, or from its start', () => {
    expect(runsOf(ruleOf({ every: '15m' }, '2026-01-01T00:07:00Z'), '2026-01-01T00:07:00Z', 2)).toEqual([
      '2026-01-01T00:22Z',
      '2026-01-01T00:37Z',
    ]);
    const started = ruleOf({ every: 'PT90S', startAt: new Date('2026-01-01T12:00:00Z') });
    expect(runsOf(started, '2026-01-01T00:00:00Z', 2)).toEqual([
      '2026-01-01T12:00Z',
      '2026-01-01T12:01:30.000Z',
    ]);
    expect(runsOf(started, '2026-01-01T12:00:00.001Z', 1)).toEqual(['2026-01-01T12:01:30.000Z']);
  });

  it.each([
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['1w', 604_800_000],
    ['90s', 90_000],
    ['1500ms', 1500],
    ['1.5h', 5_400_000],
    ['PT1.5S', 1500],
    ['PT15M', 900_000],
    ['P1DT12H', 129_600_000],
    ['P1W', 604_800_000],
  ])('%s', (every, ms) => {
    expect(ruleOf({ every })).toMatchObject({ everyMs: ms });
  });

  it.each([
    '',
    'P',
    'PT',
    '15',
    'm',
    '30m1h',
    '-5m',
    '5 m',
    '500ms',
    'P1M',
    '1M',
    'P1Y',
    '0s',
    '3651d',
    'PT5',
    'P1DT',
  ])('%j is refused', (every) => {
    expect(() => ruleOf({ every })).toThrow(/every: /);
  });
});

it('a single run comes once', () => {
  const rule = ruleOf({ at: new Date('2026-05-01T08:00:00Z') });
  expect(runsOf(rule, '2026-01-01T00:00:00Z', 5)).toEqual(['2026-05-01T08:00Z']);
  expect(nextRun(rule, Date.parse('2026-05-01T08:00:00Z'))).toBeUndefined();
});

it('start and end are both included', () => {
  const rule = ruleOf({
    cron: '0 0 * * *',
    startAt: new Date('2026-05-01T00:00:00Z'),
    endAt: new Date('2026-05-03T00:00:00Z'),
  });
  const days = ['2026-05-01T00:00Z', '2026-05-02T00:00Z', '2026-05-03T00:00Z'];
  expect(runsOf(rule, '2026-01-01T00:00:00Z', 9)).toEqual(days);
  expect(nextRuns(rule, Date.parse('2026-05-03T00:00:00Z'), 1)).toEqual([]);
});
