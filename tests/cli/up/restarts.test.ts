import { expect, it } from 'vitest';
import { countEnds, endOf, PATIENCE, type AfterEnd } from '../../../src/cli/up/restarts.ts';

const crash = endOf({ code: 1, signal: null });
const kill = endOf({ code: null, signal: 'SIGKILL' });

it('a part that ends by itself is started again after longer and longer pauses, and then given up', () => {
  const afterEnd = countEnds('The worker');
  const next: AfterEnd[] = [];
  for (let end = 1; end <= PATIENCE.ends; end += 1) next.push(afterEnd(crash));
  expect(next).toEqual([
    { pauseMs: 200 },
    { pauseMs: 400 },
    { pauseMs: 800 },
    { pauseMs: 1600 },
    { giveUp: 'The worker ended (exit code 1), for the 5th time within 60 s. Giving up.' },
  ]);
});

it('one that is killed from outside is never given up', () => {
  const afterEnd = countEnds('The worker');
  for (let end = 1; end <= 50; end += 1) expect(afterEnd(kill)).toHaveProperty('pauseMs');
  expect(afterEnd(kill)).toEqual({ pauseMs: PATIENCE.longestPauseMs });
});

it('ends of long ago do not count', () => {
  const afterEnd = countEnds('The worker', { ...PATIENCE, withinMs: 0 });
  for (let end = 1; end <= 50; end += 1) expect(afterEnd(crash)).toEqual({ pauseMs: 200 });
});
