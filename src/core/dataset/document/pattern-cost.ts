// How long JavaScript's engine may try. It goes back to every choice it made: where two parts repeat without a bound, it may try each
// length of the one with each of the other, the square of the text's length; where a repeated part holds a choice, every combination.
import type { PatternNode } from './pattern-tree.ts';

interface Cost {
  /** How many ways there are to go through it, the unbounded repeats apart. */
  readonly ways: number;
  /** To what power the text's length counts. */
  readonly power: number;
}

const ONE_WAY: Cost = { ways: 1, power: 0 };
const WITHOUT_BOUND: Cost = { ways: 1, power: Infinity };
/** A repeat that may have more lengths, or is longer, counts as one without a bound. */
const MOST_LENGTHS = 16;
/** So many ways are tried at most for a cell, beside its length. */
const MOST_WAYS = 256;

/** Whether the engine reads any text in time proportional to its length. Says no to some that it would: they run elsewhere. */
export function isQuick(pattern: PatternNode): boolean {
  const { ways, power } = costOf(pattern);
  return power === 0 ? ways <= MOST_WAYS : power === 1 && ways <= MOST_LENGTHS;
}

function costOf(node: PatternNode): Cost {
  switch (node.kind) {
    case 'character':
    case 'assertion':
      return ONE_WAY;
    case 'reference':
      // It is compared with all of a text that was read before.
      return { ways: 1, power: 1 };
    case 'look':
      return costOf(node.body);
    case 'choice':
      return node.items.map(costOf).reduce((a, b) => ({
        ways: a.ways + b.ways,
        power: Math.max(a.power, b.power),
      }));
    case 'sequence':
      return costOfSequence(node.items);
    case 'repeat':
      return costOfRepeat(node.body, node.least, node.most);
  }
}

/** A look-ahead is decided once and for all: it costs what it costs for each way that leads to it, and none behind it. */
function costOfSequence(items: readonly PatternNode[]): Cost {
  let before = ONE_WAY;
  let dearest = ONE_WAY;
  for (const item of items) {
    const cost = costOf(item);
    const together = { ways: before.ways * cost.ways, power: before.power + cost.power };
    if (item.kind === 'look')
      dearest = {
        ways: Math.max(dearest.ways, together.ways),
        power: Math.max(dearest.power, together.power),
      };
    else before = together;
  }
  return { ways: Math.max(before.ways, dearest.ways), power: Math.max(before.power, dearest.power) };
}

function costOfRepeat(body: PatternNode, least: number, most: number): Cost {
  const { ways, power } = costOf(body);
  const lengths = most - least + 1;
  const isLong = lengths > MOST_LENGTHS || least > MOST_LENGTHS;
  const own: Cost = isLong ? { ways: 1, power: 1 } : { ways: lengths, power: 0 };
  if (ways === 1 && power === 0) return canBeEmpty(body) && most > 1 ? WITHOUT_BOUND : own;
  if (isLong) return WITHOUT_BOUND;
  return { ways: own.ways * ways ** most, power: power * most };
}

/** A body of one way that is empty: `(?:^)*`, `()*`. */
function canBeEmpty(body: PatternNode): boolean {
  switch (body.kind) {
    case 'character':
      return false;
    case 'assertion':
    case 'look':
    case 'reference':
      return true;
    case 'choice':
      return body.items.some(canBeEmpty);
    case 'sequence':
      return body.items.every(canBeEmpty);
    case 'repeat':
      return body.least === 0 || canBeEmpty(body.body);
  }
}
