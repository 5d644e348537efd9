import { describe, expect, it } from 'vitest';
import {
  nextStep,
  shownState,
  type PoolFacts,
  type PoolState,
  type PoolStep,
  type PoolWish,
} from '../../../src/core/workers/worker-pool.ts';

const facts = (change: Partial<PoolFacts>): PoolFacts => ({
  state: 'stopped',
  wish: 'on-demand',
  work: { waits: false, runs: false },
  idleForMs: 0,
  idleMs: 1000,
  ...change,
});
const WAITS = { waits: true, runs: false };

describe('what is done about the worker', () => {
  it.each<[string, Partial<PoolFacts>, PoolStep]>([
    ['nothing waits', {}, 'none'],
    ['work waits', { work: WAITS }, 'start'],
    ['others run work', { work: { waits: false, runs: true } }, 'none'],
    ['it is to start', { wish: 'start' }, 'start'],
    ['it was stopped by hand, and work waits', { wish: 'stop', work: WAITS }, 'none'],
    ['it is starting', { state: 'pending', work: WAITS }, 'none'],
    ['it is starting, and is to stop', { state: 'pending', wish: 'stop' }, 'stop'],
    ['it has been idle for a short while', { state: 'running', idleForMs: 999 }, 'none'],
    ['it has been idle for long', { state: 'running', idleForMs: 1000 }, 'stop'],
    ['it has been idle, and is to start', { state: 'running', wish: 'start', idleForMs: 1000 }, 'none'],
    ['it runs work, and is to stop', { state: 'running', wish: 'stop', work: WAITS }, 'stop'],
    ['it stops, and work waits', { state: 'stopping', work: WAITS }, 'none'],
    ['it stops, and is to start', { state: 'stopping', wish: 'start' }, 'none'],
  ])('%s', (_case, change, step) => {
    expect(nextStep(facts(change))).toBe(step);
  });
});

it.each<[PoolState, PoolWish, PoolState]>([
  ['stopped', 'start', 'pending'],
  ['stopped', 'stop', 'stopped'],
  ['stopping', 'start', 'stopping'],
  ['running', 'stop', 'stopping'],
  ['pending', 'stop', 'stopping'],
  ['running', 'start', 'running'],
  ['pending', 'on-demand', 'pending'],
])('%s, when the wish is %s, is shown as %s', (state, wish, shown) => {
  expect(shownState(state, wish)).toBe(shown);
});
