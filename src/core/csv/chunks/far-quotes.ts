// Two stray quotes far apart make one cell of all that stands between them, and that is well-formed. Where its lines are records like
// those around it, the quotes are not believed.
import { afterLineEnd, type Grammar, isLineEnd, nextLineEnd, readShape } from '../grammar.ts';
import { isUnlike, likenessOf } from './likeness.ts';
import { areRecords, lineAt, literalWidth } from './line-shapes.ts';
import { BELOW_BYTES } from './restart.ts';

/** Lines between the quotes. So many are enough if they are like the records below, where those have something in common. */
const FEW = 3;
const MANY = 32;

/**
 * @param record one with line ends in its cells, from its first byte to where its text ends
 * @returns where its second line begins; undefined: the cell is one; `more`: that takes more bytes
 */
export function findStrayPair(
  bytes: Buffer,
  { from, end, lines }: { readonly from: number; readonly end: number; readonly lines: number },
  { to, isAll }: { readonly to: number; readonly isAll: boolean },
  columns: number,
  grammar: Grammar,
): number | 'more' | undefined {
  if (columns === 1 || lines <= FEW) return undefined;
  if (literalWidth(lineAt(bytes, from), grammar) !== columns) return undefined;
  const second = afterLineEnd(bytes, nextLineEnd(bytes, from, end), end);
  const last = lastLineOfCell(bytes, from, end, grammar);
  if (literalWidth(bytes.subarray(last, end), grammar) !== columns) return undefined;
  if (!areRecords(bytes, second, last, columns, grammar, { atLeast: FEW, most: Infinity, misfits: 16 }))
    return undefined;
  if (lines > MANY) return second;
  const next = afterLineEnd(bytes, end, to);
  if (to < next + BELOW_BYTES && !isAll) return 'more';
  const below = likenessOf(bytes, next, Math.min(to, next + BELOW_BYTES), columns, grammar);
  const within = likenessOf(bytes, second, last, columns, grammar);
  const isKnown = within.some(
    ({ isNumber, isQuoted }, at) => (isNumber || isQuoted) && !differs(within[at]!, below[at]!),
  );
  return isKnown && !isUnlike(bytes, from, nextLineEnd(bytes, from, end), within, grammar)
    ? second
    : undefined;
}

/** Where the last line begins of the first cell that has several. */
function lastLineOfCell(bytes: Buffer, from: number, end: number, grammar: Grammar): number {
  let last = from;
  readShape(bytes, from, end, grammar, (start, stop) => {
    let line = stop;
    while (line > start && !isLineEnd(bytes[line - 1])) line--;
    if (last === from && line > start) last = line;
  });
  return last;
}

type Column = ReturnType<typeof likenessOf>[number];

/** What is known below is not so within. */
function differs(within: Column, below: Column): boolean {
  return (below.isNumber && !within.isNumber) || (below.isQuoted && !within.isQuoted);
}
