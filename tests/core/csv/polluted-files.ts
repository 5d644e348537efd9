// Files with cells of several lines, each damaged in one place, together with what must become of each of their records.

/** What is done to one record of a file. */
export const POLLUTIONS = [
  'delimiter lost',
  'opening quote lost',
  'closing quote lost',
  'inner quote not doubled',
  'quote doubled',
  'quote added at the start of a cell',
  'quote added in a cell',
  'quote added at the end of a cell',
  'line end lost in a cell',
  'line cut',
  'lines joined',
  'two quotes added, far apart',
  'bare CR in a cell',
  'bare LF in a cell',
] as const;

export type Pollution = (typeof POLLUTIONS)[number];

export interface PollutedFile {
  readonly pollution: Pollution;
  readonly text: string;
  readonly header: readonly string[];
  readonly delimiter: string;
  /** The records that nobody touched. */
  readonly good: readonly (readonly string[])[];
  /** The damaged ones, as they stand in the file. */
  readonly damaged: readonly string[];
}

export type Random = (below: number) => number;

/** Mulberry32: the same numbers for the same seed, everywhere. */
export function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const NAMES = ['id', 'name', 'note', 'city', 'price', 'comment'];
const WORDS = [
  'red',
  'Springfield',
  'pipe',
  'Ann',
  'to you',
  'as I did',
  'USA',
  'Main St',
  'size 9',
  'Earth',
  'Sol',
  'there are reasons',
  'and the end',
  'forty',
  'late',
];

interface Style {
  readonly delimiter: string;
  readonly lineEnd: '\n' | '\r\n';
  readonly innerLineEnd: '\n' | '\r\n';
  readonly quotes: 'needed' | 'texts' | 'all';
  /** Its first column has numbers, as that of most files. */
  readonly hasNumbers: boolean;
}

type Row = readonly string[];

/** One file of the pollution that the seed picks, or of the one given. */
export function pollutedFile(seed: number, given?: Pollution): PollutedFile {
  const random = randomOf(seed);
  const pick = <T>(from: readonly T[]): T => from[random(from.length)]!;
  const pollution = given ?? pick(POLLUTIONS);
  const lineEnd = pollution.startsWith('bare LF') ? '\r\n' : pick(['\n', '\r\n'] as const);
  const style: Style = {
    delimiter: pick([',', ',', ';', '\t', '|']),
    lineEnd,
    innerLineEnd: lineEnd === '\n' ? '\n' : pick(['\n', '\r\n'] as const),
    quotes: pick(['needed', 'needed', 'texts', 'all'] as const),
    hasNumbers: random(8) > 0,
  };
  const columns = 2 + random(5);
  const rows = Array.from({ length: 12 + random(40) }, (_, at) =>
    Array.from({ length: columns }, (_cell, column) => cellOf(random, style, at, column)),
  );
  const written = rows.map((row) => row.map((cell, column) => write(cell, column, style)));
  const at = random(rows.length);
  const broken = damage(random, pollution, written, at, style);
  const header = NAMES.slice(0, columns);
  const ends = style.lineEnd;
  return {
    pollution,
    text:
      [
        header.map((name) => (style.quotes === 'all' ? `"${name}"` : name)).join(style.delimiter),
        ...broken.lines,
      ].join(ends) + (random(4) === 0 ? '' : ends),
    header,
    delimiter: style.delimiter,
    good: rows.filter((_, index) => !broken.touched.has(index)),
    damaged: broken.damaged,
  };
}

function cellOf(
  random: Random,
  { delimiter, innerLineEnd, hasNumbers }: Style,
  row: number,
  column: number,
): string {
  const pick = <T>(from: readonly T[]): T => from[random(from.length)]!;
  if (column === 0 && hasNumbers) return String(row + 1);
  const words = (most: number): string =>
    Array.from({ length: 1 + random(most) }, () => pick(WORDS)).join(' ');
  switch (random(10)) {
    case 0:
    case 1:
      return words(3);
    case 2:
      return '';
    case 3:
      return `${words(2)}${delimiter} ${words(2)}`;
    case 4:
      return `say "${pick(WORDS)}"`;
    case 5:
      return `"${pick(WORDS)}" he said${pick(['', `${delimiter}loudly`])}`;
    case 6:
      return Array.from({ length: 2 + random(3) }, () => words(3)).join(innerLineEnd);
    case 7:
      return Array.from(
        { length: 2 + random(12) },
        () => `${words(2)}${pick(['', delimiter, `${delimiter} `])}${words(2)}`,
      ).join(innerLineEnd);
    case 8:
      return String(random(10_000) / 100);
    default:
      return pick(WORDS);
  }
}

function write(cell: string, column: number, { delimiter, quotes }: Style): string {
  const needs = /["\r\n]/.test(cell) || cell.includes(delimiter);
  const has = quotes === 'all' || (quotes === 'texts' && column > 0 && Number.isNaN(Number(cell)));
  return needs || has ? `"${cell.replaceAll('"', '""')}"` : cell;
}

interface Damage {
  /** The data records, one after the other; those that were joined are one. */
  readonly lines: readonly string[];
  readonly damaged: readonly string[];
  readonly touched: ReadonlySet<number>;
}

/** Damages the record at `at`, or one below it where what is needed first stands. */
function damage(
  random: Random,
  pollution: Pollution,
  written: readonly Row[],
  first: number,
  style: Style,
): Damage {
  const { delimiter } = style;
  const lines = written.map((cells) => cells.join(delimiter));
  for (let step = 0; step < written.length; step++) {
    const at = (first + step) % written.length;
    const cells = written[at]!;
    if (pollution === 'lines joined') {
      if (at + 1 >= written.length) continue;
      const joined = `${lines[at]}${lines[at + 1]}`;
      return {
        lines: [...lines.slice(0, at), joined, ...lines.slice(at + 2)],
        damaged: [joined],
        touched: new Set([at, at + 1]),
      };
    }
    if (pollution === 'two quotes added, far apart') {
      const other = at + 6 + random(20);
      if (other >= written.length) continue;
      const one = stray(random, cells, delimiter, 'start');
      const two = stray(random, written[other]!, delimiter, 'end');
      if (one === undefined || two === undefined) continue;
      return {
        lines: lines.map((line, index) => (index === at ? one : index === other ? two : line)),
        damaged: [one, two],
        touched: new Set([at, other]),
      };
    }
    const text = damageOne(random, pollution, cells, style);
    if (text === undefined || text === lines[at]) continue;
    return {
      lines: lines.map((line, index) => (index === at ? text : line)),
      damaged: [text],
      touched: new Set([at]),
    };
  }
  return { lines, damaged: [], touched: new Set() };
}

function stray(
  random: Random,
  cells: Row,
  delimiter: string,
  where: 'start' | 'middle' | 'end',
): string | undefined {
  const column = choose(random, cells, (cell) => !cell.startsWith('"') && cell.length > 1);
  if (column === undefined) return undefined;
  const cell = cells[column]!;
  const place = where === 'start' ? 0 : where === 'end' ? cell.length : 1 + random(cell.length - 1);
  return replaced(cells, column, `${cell.slice(0, place)}"${cell.slice(place)}`).join(delimiter);
}

function replaced(cells: Row, column: number, text: string): Row {
  return cells.map((cell, index) => (index === column ? text : cell));
}

function choose(random: Random, cells: Row, is: (cell: string) => boolean): number | undefined {
  const columns = cells.flatMap((cell, index) => (is(cell) ? index : []));
  return columns[random(columns.length)];
}

function damageOne(
  random: Random,
  pollution: Pollution,
  cells: Row,
  { delimiter, lineEnd }: Style,
): string | undefined {
  const isQuoted = (cell: string): boolean => cell.startsWith('"');
  const quoted = choose(random, cells, (cell) => isQuoted(cell) && cell.length > 2);
  const inQuoted = (change: (cell: string) => string): string | undefined =>
    quoted === undefined ? undefined : replaced(cells, quoted, change(cells[quoted]!)).join(delimiter);
  switch (pollution) {
    case 'delimiter lost': {
      const lost = 1 + random(cells.length - 1);
      return [...cells.slice(0, lost - 1), `${cells[lost - 1]}${cells[lost]}`, ...cells.slice(lost + 1)].join(
        delimiter,
      );
    }
    case 'opening quote lost':
      return inQuoted((cell) => cell.slice(1));
    case 'closing quote lost':
      return inQuoted((cell) => cell.slice(0, -1));
    case 'inner quote not doubled':
      return inQuoted((cell) => `"${cell.slice(1, -1).replace('""', '"')}"`);
    case 'quote doubled':
      return inQuoted((cell) => (random(2) === 0 ? `"${cell}` : `${cell}"`));
    case 'quote added at the start of a cell':
      return stray(random, cells, delimiter, 'start');
    case 'quote added in a cell': {
      if (quoted === undefined || random(2) === 0) return stray(random, cells, delimiter, 'middle');
      const place = 1 + random(cells[quoted]!.length - 1);
      return inQuoted((cell) => `${cell.slice(0, place)}"${cell.slice(place)}`);
    }
    case 'quote added at the end of a cell':
      return stray(random, cells, delimiter, 'end');
    case 'line end lost in a cell':
      return inQuoted((cell) => cell.replace(/\r?\n/, ''));
    case 'line cut':
      return cells.join(delimiter).slice(0, 1 + random(cells.join(delimiter).length - 1));
    case 'bare CR in a cell':
    case 'bare LF in a cell': {
      const column = choose(random, cells, (cell) => !isQuoted(cell) && cell.length > 1);
      if (column === undefined) return undefined;
      const cell = cells[column]!;
      const place = 1 + random(cell.length - 1);
      const end = pollution === 'bare CR in a cell' ? '\r' : '\n';
      return end === lineEnd
        ? undefined
        : replaced(cells, column, `${cell.slice(0, place)}${end}${cell.slice(place)}`).join(delimiter);
    }
    default:
      return undefined;
  }
}
