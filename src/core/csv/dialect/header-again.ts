// Finds the header a second time. Directly below itself it is the rest of a header of several lines; further down another table
// begins, whose records do not belong to the first one just because they are as wide. Names are compared as those of the first header
// are (foldHeader): joined files often write them in other case, with blanks around them, or behind a BOM.
import { foldHeader } from '../../dataset/header/mapping.ts';
import { type Grammar, NO_BYTE } from '../grammar.ts';
import { readCells } from '../records/read-cells.ts';
import { HeaderVariants } from './header-variants.ts';
import { behindMarks } from '../text/record-marks.ts';
import { codePointAt } from '../text/utf8.ts';

const SPACE = 0x20;
/** Bytes from here on are not ASCII. */
const NOT_ASCII = 0x80;
const NOT_MET = 0;
const MAY_BEGIN = 1;
const MAY_NOT_BEGIN = 2;
/** What no record begins with. */
export const NO_STARTS = new Uint8Array(256);

export class HeaderAgain {
  private readonly grammar: Grammar;
  /** The header's names, folded. */
  private readonly names: readonly string[];
  /** The first of them. */
  private readonly first: Buffer;
  /** Its first letter, without accents: in a file these may be characters of their own. */
  private readonly firstLetter: string;
  /** For each character of the Basic Multilingual Plane that was met whether the first name may begin with it; made for the first one. */
  private known: Uint8Array | undefined;
  /** 1 for each byte that a record which is the header again may begin with, behind its quote if it has one. */
  readonly starts: Uint8Array;
  /** 1 for each byte that it may end with, before its quote if it has one. */
  readonly ends: Uint8Array;
  /** The header, written otherwise. */
  readonly variants: HeaderVariants;

  /**
   * @param header the file's
   * @param isExpected the sender says that it comes again; otherwise one of a single column, or without a first name, is too little to
   *   be known by
   * @param otherNames of each column, folded
   */
  constructor(
    header: readonly string[],
    grammar: Grammar,
    isExpected = false,
    otherNames: readonly (readonly string[])[] = [],
  ) {
    this.grammar = grammar;
    this.names = header.map(foldHeader);
    const [first = ''] = this.names;
    this.first = Buffer.from(first);
    this.firstLetter = firstLetterOf(first);
    const isKnown = isExpected ? header.some((name) => name !== '') : header.length > 1 && first !== '';
    this.starts = isKnown ? startsOf(this.firstLetter, grammar) : NO_STARTS;
    this.ends = endsOf(this.names.at(-1) ?? '', grammar);
    this.variants = new HeaderVariants(header, otherNames, grammar);
  }

  /** Whether the record has the header's names, quoted or not. */
  isAt(bytes: Buffer, from: number, to: number): boolean {
    if (this.starts === NO_STARTS) return false;
    const at = behindMarks(bytes, from, to, this.grammar.markLeads);
    if (!this.mayBeAt(bytes, at, to)) return false;
    const { cells, problem } = readCells(bytes, at, to, this.grammar);
    const isSound = problem === undefined || problem === 'cut';
    return (
      isSound &&
      cells.length === this.names.length &&
      cells.every((cell, index) => foldHeader(cell) === this.names[index])
    );
  }

  /**
   * Most records that begin like the header differ in the first cell, and need not be decoded for that.
   * @param from behind the marks before the record
   */
  mayBeAt(bytes: Buffer, from: number, to: number): boolean {
    const { first, grammar } = this;
    const start = bytes[from] === grammar.quote ? from + 1 : from;
    if (this.starts[bytes[start]!] === 0) return false;
    for (let index = 0, at = start; at < to; index++, at++) {
      const byte = bytes[at]!;
      const name = first[index];
      if (byte === grammar.quote || byte === grammar.escape)
        return name === undefined || isMark(name, grammar);
      if (name !== undefined && lowerCase(byte) === name) continue;
      if (byte >= NOT_ASCII) return index > 0 || this.mayBeginWith(codePointAt(bytes, at));
      // How many blanks there are does not matter.
      if (byte <= SPACE) return true;
      if (name === undefined) return byte === grammar.delimiter;
      // An accent behind the letter may make it another.
      return bytes[at + 1]! >= NOT_ASCII;
    }
    // A record of one cell.
    return true;
  }

  private mayBeginWith(codePoint: number): boolean {
    const known = (this.known ??= new Uint8Array(0x1_0000));
    const met = codePoint < known.length ? known[codePoint]! : NOT_MET;
    if (met !== NOT_MET) return met === MAY_BEGIN;
    const folded = foldHeader(String.fromCodePoint(codePoint));
    const may = folded === '' || firstLetterOf(folded) === this.firstLetter;
    if (codePoint < known.length) known[codePoint] = may ? MAY_BEGIN : MAY_NOT_BEGIN;
    return may;
  }
}

/** The first bytes of a text that folds to one with this first letter; of others than ASCII the characters are looked at. */
function startsOf(letter: string, grammar: Grammar): Uint8Array {
  if (letter === '') return new Uint8Array(256).fill(1);
  const starts = new Uint8Array(256).fill(1, NOT_ASCII);
  for (const char of [...'\t\n\v\f\r ', letter, letter.toUpperCase()]) starts[Buffer.from(char)[0]!] = 1;
  if (isMark(letter.charCodeAt(0), grammar) && grammar.escape !== NO_BYTE) starts[grammar.escape] = 1;
  return starts;
}

/** The last bytes of a text that folds to this name. What ends with another byte than these ends with a sign that is not in the name. */
function endsOf(name: string, { quote, escape, delimiter }: Grammar): Uint8Array {
  const ends = new Uint8Array(256).fill(1, NOT_ASCII).fill(1, 0, SPACE + 1);
  for (const char of [name.at(-1) ?? '', name.at(-1)?.toUpperCase() ?? ''])
    for (const byte of Buffer.from(char)) ends[byte] = 1;
  for (const byte of [quote, escape, ...(name === '' ? [delimiter] : [])])
    if (byte !== NO_BYTE) ends[byte] = 1;
  return ends;
}

function firstLetterOf(folded: string): string {
  return [...folded.normalize('NFD')][0] ?? '';
}

function isMark(byte: number, { quote, escape }: Grammar): boolean {
  return byte === quote || byte === escape;
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
