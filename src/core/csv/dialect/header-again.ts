// Finds the header a second time. Directly below itself it is the rest of a header of several lines; further down another table
// begins, whose records do not belong to the first one just because they are as wide.
import { type Grammar, NO_BYTE, readShape } from '../grammar.ts';

interface HeaderCell {
  readonly unquoted: Buffer;
  /** As it stands between quotes. */
  readonly quoted: Buffer;
}

export class HeaderAgain {
  private readonly cells: readonly HeaderCell[];
  private readonly grammar: Grammar;
  /** A record that is the header again begins with this byte, behind its quote if it has one. 0: none can be told. */
  readonly firstByte: number;

  /** @param header the file's; one of a single column is too little to be known by */
  constructor(header: readonly string[], grammar: Grammar) {
    this.cells = header.map((text) => ({
      unquoted: Buffer.from(text),
      quoted: Buffer.from(escapeText(text, grammar)),
    }));
    this.grammar = grammar;
    this.firstByte = header.length > 1 ? (this.cells[0]!.unquoted[0] ?? 0) : 0;
  }

  /** Whether the record has the header's cells, quoted or not. */
  isAt(bytes: Buffer, from: number, to: number): boolean {
    if (!this.beginsAt(bytes, from, to)) return false;
    let column = 0;
    let isEqual = true;
    readShape(bytes, from, to, this.grammar, (start, end, quoted) => {
      const cell = this.cells[column++];
      isEqual &&= (quoted ? cell?.quoted : cell?.unquoted)?.equals(bytes.subarray(start, end)) === true;
    });
    return isEqual && column === this.cells.length;
  }

  /** Most records that begin with the header's first byte differ in the first cell. */
  private beginsAt(bytes: Buffer, from: number, to: number): boolean {
    const isQuoted = bytes[from] === this.grammar.quote;
    const first = isQuoted ? this.cells[0]!.quoted : this.cells[0]!.unquoted;
    const start = isQuoted ? from + 1 : from;
    if (start + first.length > to) return false;
    for (let at = 0; at < first.length; at++) if (bytes[start + at] !== first[at]) return false;
    const next = bytes[start + first.length];
    return isQuoted ? next === this.grammar.quote : next === this.grammar.delimiter;
  }
}

function escapeText(text: string, { quote, escape }: Grammar): string {
  const mark = String.fromCharCode(quote);
  if (escape === NO_BYTE) return text.replaceAll(mark, mark + mark);
  const before = String.fromCharCode(escape);
  return text.replaceAll(before, before + before).replaceAll(mark, before + mark);
}
