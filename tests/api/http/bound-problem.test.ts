import { expect, it } from 'vitest';
import { boundProblem, MOST_PROBLEM_BYTES } from '../../../src/api/http/bound-problem.ts';

const LONG = 'x'.repeat(2000);

it('a document of a usual size stays as it is', () => {
  const problem = {
    code: 'HEADER_MISMATCH',
    errors: Array.from({ length: 300 }, (_, at) => ({ column: at })),
  };
  expect(boundProblem(problem)).toBe(problem);
});

it('a large one lists the first of each, and says what is not whole', () => {
  const errors = Array.from({ length: 1000 }, (_, at) => ({ column: at, detail: LONG }));
  const bounded = boundProblem({ code: 'HEADER_MISMATCH', detail: 'No', errors, header: ['a', 'b'] });
  expect(bounded).toMatchObject({
    code: 'HEADER_MISMATCH',
    detail: 'No',
    header: ['a', 'b'],
    shortened: ['errors'],
  });
  expect(bounded.errors).toHaveLength(100);
  expect(bounded.errors[99]!.column).toBe(99);
});

it('is never larger than its limit, but for the names of what was left out', () => {
  const members = Object.fromEntries(
    Array.from({ length: 50 }, (_, at) => [`member${at}`, Array<string>(100).fill(LONG)]),
  );
  const bounded = boundProblem({ code: 'HEADER_MISMATCH', ...members });
  expect(JSON.stringify(bounded).length).toBeLessThan(MOST_PROBLEM_BYTES + 5000);
  expect(bounded).toMatchObject({ code: 'HEADER_MISMATCH', shortened: Object.keys(members) });
});
