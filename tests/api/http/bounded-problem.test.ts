import { describe, expect, test } from 'vitest';
import { boundProblem, MAX_PROBLEM_BYTES } from '../../../src/api/http/bounded-problem.ts';

const STANDARD = {
  type: 'about:blank',
  title: 't',
  status: 422,
  detail: 'd',
  code: 'HEADER_MISMATCH',
  requestId: 'r',
};
const errorsOf = (count: number, text = 'x') => Array.from({ length: count }, () => ({ detail: text }));
const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

describe('a problem document', () => {
  test('of usual size stays as it is', () => {
    const problem = { ...STANDARD, errors: errorsOf(100), header: ['a'] };
    expect(boundProblem(problem)).toEqual(problem);
  });

  test('has the first 100 errors and a count of the rest', () => {
    const problem = boundProblem<Record<string, unknown>>({ ...STANDARD, errors: errorsOf(1000) });
    expect(problem['errors']).toHaveLength(100);
    expect(problem['errorsOmitted']).toBe(900);
  });

  test('is 100 KB at most, cuts texts and names what it leaves out', () => {
    const problem = boundProblem<Record<string, unknown>>({
      ...STANDARD,
      detail: 'd'.repeat(64_000),
      errors: errorsOf(1000, '氏'.repeat(5000)),
      header: Array.from({ length: 16_000 }, (_, at) => `header ${at}`),
      dataset: 'people',
    });
    expect(sizeOf(problem)).toBeLessThanOrEqual(MAX_PROBLEM_BYTES);
    expect(problem).toMatchObject({ dataset: 'people', omitted: ['header'] });
    expect((problem['errors'] as unknown[]).length + (problem['errorsOmitted'] as number)).toBe(1000);
    expect((problem['detail'] as string).at(-1)).toBe('…');
  });
});
