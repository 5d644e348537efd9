import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileLinear } from '../../../../src/core/dataset/document/linear-pattern.ts';
import { isQuick } from '../../../../src/core/dataset/document/pattern-cost.ts';
import { parsePattern } from '../../../../src/core/dataset/document/pattern-tree.ts';
import { compilePattern } from '../../../../src/core/dataset/document/pattern.ts';
import { expectEqual } from '../../../support/expect-equal.ts';
import { runs } from '../../../support/random.ts';

describe('a pattern that could be tried in ever more ways', () => {
  // Run by going back to each choice, one of these alone would not end before the test's patience does.
  test.each([
    ['(a+)+b', 'a'],
    ['(?:a|a)*b', 'a'],
    ['(?:a|aa)+b', 'a'],
    ['(?:(?:a?){20}){20}b', 'a'],
    ['([a-z]+)*', 'a'],
    ['(a|b|ab)*c', 'ab'],
    ['(?:.*,){8}x', ','],
    ['.*.*.*.*x', 'a'],
    ['a*a*a*a*b', 'a'],
    ['[^@]+@[^@]+\\.[^@]+', 'a@'],
    ['\\s+\\s+\\d', ' '],
  ])('%s takes a text of a mebibyte once', (pattern, unit) => {
    const text = `${unit.repeat(1024 * 1024)}!`;
    expect(compilePattern(pattern)(text)).toBe(false);
  });

  test.each([
    ['(a+)+(?=b)b', /because of \(\?=b\) .* write it without looking ahead or behind/],
    ['.*.*(?<!b)', /because of \(\?<!b\)/],
    ['(a*)*\\1', /because of \\1 .* without a reference to a group/],
    ['(?<x>a+)b*\\k<x>', /because of \\k<x>/],
    ['a{1,2000}a*', /repeats more than 1000 times in a\{1,2000\}.*maxLength/],
    ['(?:a{1,100}){1,100}', /repeats too much/],
  ])('%s runs in no engine and is refused', (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(message);
  });
});

describe('a pattern that JavaScript runs quickly stays there', () => {
  test.each([
    '[0-9]{3}-[0-9]{4}',
    '0\\d{1,4}-\\d{1,4}-\\d{3,4}',
    '[A-Z]+',
    '.{1,2000}',
    '(?:a|bc|def){1,3}',
    '(?:\\.[a-z]+)?',
    '(?=.*[0-9])(?=.*[a-z]).{8,}',
    '(?!.*--)[a-z-]{1,40}',
  ])('%s', (pattern) => expect(isQuick(parsePattern(pattern))).toBe(true));
});

/** Patterns without looking ahead and references, as XML Schema has them. */
const { pattern: PATTERN } = fc.letrec<{ pattern: string; group: string }>((tie) => ({
  pattern: fc
    .array(
      fc
        .tuple(
          fc.oneof(
            {
              weight: 4,
              arbitrary: fc.constantFrom('a', 'b', '0', '氏', '😀', '.', '\\.', '\\u{61}', '\\n'),
            },
            {
              weight: 3,
              arbitrary: fc.constantFrom(
                '[ab]',
                '[^a]',
                '[\\d_]',
                '\\w',
                '\\W',
                '\\s',
                '\\S',
                '[^\\s0]',
                '[\\]a-c-]',
              ),
            },
            {
              weight: 2,
              arbitrary: fc.constantFrom('\\p{L}', '\\P{L}', '\\p{Script=Han}', '[\\p{Lu}\\p{Nd}]'),
            },
            { weight: 1, arbitrary: fc.constantFrom('^', '$', '\\b', '\\B') },
            { weight: 2, arbitrary: tie('group') },
          ),
          fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{0,2}', '{1,}', '*?'),
        )
        .map(([atom, times]) => (/^(?:\^|\$|\\[bB])$/.test(atom) ? atom : atom + times)),
      { maxLength: 4 },
    )
    .map((parts) => parts.join('')),
  group: fc
    .tuple(fc.constantFrom('(', '(?:'), fc.array(tie('pattern'), { minLength: 1, maxLength: 2 }))
    .map(([open, choices]) => `${open}${choices.join('|')})`),
}));
const TEXT = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    'A',
    '0',
    '٣',
    '_',
    '.',
    '-',
    ' ',
    '\n',
    '\u2028',
    '\u00a0',
    '氏',
    'é',
    '😀',
    ']',
  ),
  maxLength: 6,
});

test('both engines take the same texts', () => {
  fc.assert(
    fc.property(PATTERN, fc.array(TEXT, { minLength: 4, maxLength: 8 }), (pattern, texts) => {
      const here = new RegExp(`^(?:${pattern})$`, 'u');
      const linear = compileLinear(parsePattern(pattern));
      for (const text of texts) expectEqual([text, linear(text)], [text, here.test(text)]);
    }),
    { numRuns: runs(1000) },
  );
});
