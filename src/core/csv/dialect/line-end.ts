import {
  afterLineEnd,
  CR,
  grammarOf,
  isLineEnd,
  nextLineEnd,
  readShape,
  type RecordShape,
} from '../grammar.ts';
import type { Dialect, LineEnd } from '../types.ts';

/** A kind is the file's when no other one has a third as many. */
const CLEARLY = 3;

/**
 * How the records of this text end; undefined when there is one only. A line end between two records of the first one's width
 * counts; another may stand in a cell that should have been quoted, and tells the kind only where nothing else does.
 */
export function findLineEnd(text: Buffer, dialect: Dialect): LineEnd | undefined {
  const grammar = grammarOf(dialect);
  const all = new Map<Exclude<LineEnd, 'mixed'>, number>();
  const sure = new Map<Exclude<LineEnd, 'mixed'>, number>();
  let columns: number | undefined;
  let above: { readonly shape: RecordShape; readonly kind: Exclude<LineEnd, 'mixed'> } | undefined;
  for (let at = 0; at < text.length;) {
    const shape = readShape(text, at, text.length, grammar);
    const { end, next } = shape;
    if (shape.problem === 'text-after-quote') {
      above = undefined;
      at = afterLineEnd(text, nextLineEnd(text, end, text.length), text.length);
      continue;
    }
    if (above !== undefined && isWhole(above.shape, columns!) && isWhole(shape, columns!))
      add(sure, above.kind);
    const last = text[next - 1];
    // A record whose quote is open does not end; a CR at the very end may be half a CRLF.
    if (!isLineEnd(last) || (next === text.length && last === CR)) break;
    const kind = last === CR ? 'cr' : text[next - 2] === CR ? 'crlf' : 'lf';
    add(all, kind);
    if (end > at) {
      columns ??= shape.columns;
      above = { shape, kind };
    }
    at = next;
  }
  const [usual, ...others] = [...all].toSorted(([, one], [, two]) => two - one);
  if (usual === undefined) return undefined;
  const counted = columns === 1 ? all : sure;
  return others.every(([kind]) => (counted.get(kind) ?? 0) * CLEARLY <= usual[1]) ? usual[0] : 'mixed';
}

function isWhole({ columns, problem }: RecordShape, width: number): boolean {
  return columns === width && (problem === undefined || problem === 'cut');
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
