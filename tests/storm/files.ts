// Seeded files for the storm, and the truth about each of their records: what it must become, known because it was made so.
import type { RowErrorCode } from '../../src/core/imports/row-error.ts';
import type { Random } from './random.ts';

export type DatasetName = 'members' | 'visits' | 'orders';

export interface StormRecord {
  readonly cells: readonly string[];
  /** What stands in the table when it lands, as text, null where the cell is empty; undefined when it must not land. */
  readonly values?: readonly (string | null)[];
  /** The code of one of its row errors, when it must not land. */
  readonly code?: RowErrorCode;
  /** Of members: their key. */
  readonly key?: string;
  /** Of a spoiled record: the key that it has, if it supersedes earlier records all the same. */
  readonly supersedes?: string;
  /** Of a spoiled record: the cells that it should have had. */
  readonly meant?: readonly string[];
}

export interface StormFile {
  readonly dataset: DatasetName;
  readonly bytes: Buffer;
  /** Row 1 is the first. */
  readonly records: readonly StormRecord[];
}

export const COLUMNS: Readonly<Record<DatasetName, readonly string[]>> = {
  members: ['code', 'name', 'joined', 'points', 'city', 'post_no'],
  visits: ['page', 'visitor', 'day', 'seconds', 'note'],
  orders: ['order_no', 'customer', 'amount', 'quantity', 'state', 'ordered_on'],
};

const NAMES = [
  '佐藤 花子',
  '鈴木 一郎',
  'Ana "Nita" Sá',
  'O’Neill, Pat',
  '山田\n太郎',
  'Zoë',
  '𠮷野 家',
  'x',
];
const CITIES = ['東京都新宿区', 'Ōsaka', '京都市\r\n左京区', 'Sapporo, 北区', '"Nara"', '那覇市'];
const NOTES = ['', 'first visit', 'says "hi", twice', '改行\nあり', '絵文字 🎌', ' leading blank', '1,5'];

/** What a record may be spoiled with: the column, its new text, and the error this must give. */
interface Fault {
  readonly column: number;
  readonly text: string;
  readonly code: RowErrorCode;
  /** Only the table refuses it, when it lands: by then it has superseded an earlier record of its key (docs/modes.md). */
  readonly isLate?: true;
}
const SPOILED: Readonly<Record<DatasetName, readonly Fault[]>> = {
  members: [
    { column: 0, text: 'nobody', code: 'constraint-error' },
    { column: 1, text: '', code: 'constraint-error' },
    { column: 2, text: '2023-02-30', code: 'type-error' },
    { column: 3, text: 'many', code: 'type-error' },
    { column: 3, text: '-1', code: 'constraint-error' },
    { column: 5, text: '12', code: 'constraint-error' },
  ],
  visits: [
    { column: 0, text: '', code: 'constraint-error' },
    { column: 2, text: 'yesterday', code: 'type-error' },
    { column: 3, text: '1.5', code: 'type-error' },
    { column: 4, text: 'n'.repeat(201), code: 'constraint-error' },
  ],
  // What Sluice alone would take is refused by the table.
  orders: [
    { column: 0, text: 'x'.repeat(21), code: 'database-error' },
    { column: 0, text: '', code: 'constraint-error' },
    { column: 2, text: '1.005', code: 'database-error' },
    { column: 2, text: '', code: 'constraint-error', isLate: true },
    { column: 3, text: '0', code: 'database-error', isLate: true },
    { column: 3, text: '99999999999', code: 'database-error' },
    { column: 4, text: 'lost', code: 'database-error' },
    { column: 5, text: '2023-02-30', code: 'type-error' },
  ],
};

export interface FileOptions {
  readonly dataset: DatasetName;
  readonly records: number;
  /** Keys that stand in the table already. */
  readonly known: readonly string[];
}

/** Makes a file: some spoiled records, some keys twice, some keys of the table; one kind of line end. */
export function makeFile(random: Random, { dataset, records, known }: FileOptions): StormFile {
  const badShare = random.pick([0, 0.01, 0.1]);
  const twiceShare = random.pick([0, 0, 0.005, 0.05]);
  const knownShare = known.length === 0 ? 0 : random.pick([0, 0, 0.01, 0.3]);
  const lineEnd = random.pick(['\n', '\r\n']);
  const firstNumber = random.integer(0, 89_999_999);
  const prefix = String.fromCharCode(random.integer(65, 90), random.integer(65, 90));
  const made: StormRecord[] = [];
  const lines = [COLUMNS[dataset].join(',')];

  const freshKey = (row: number): string =>
    `${prefix}${String((firstNumber + row) % 100_000_000).padStart(8, '0')}`;
  const key = (row: number): string => {
    if (random.chance(knownShare)) return random.pick(known);
    if (row > 1 && random.chance(twiceShare))
      return freshKey(random.integer(Math.max(1, row - 2000), row - 1));
    return freshKey(row);
  };

  for (let row = 1; row <= records; row++) {
    const good = CELLS[dataset](random, row, () => key(row));
    const record = random.chance(badShare) ? spoil(random, dataset, good) : sound(dataset, good);
    made.push(record);
    lines.push(record.cells.map(quoted).join(','));
  }
  return { dataset, bytes: Buffer.from(`${lines.join(lineEnd)}${lineEnd}`), records: made };
}

/** The cells of a good record. @param key draws its key */
const CELLS: Readonly<Record<DatasetName, (random: Random, row: number, key: () => string) => string[]>> = {
  members: (random, _row, key) => memberCells(random, key()),
  visits: (random, row) => visitCells(random, row),
  orders: (random, _row, key) => orderCells(random, key()),
};

/** Records of this dataset are known by their first cell. */
export function isKeyed(dataset: DatasetName): boolean {
  return dataset !== 'visits';
}

export function orderCells(random: Random, key: string): string[] {
  return [
    key,
    random.chance(0.1) ? '' : random.pick(NAMES),
    `${random.integer(0, 99_999)}.${random.integer(10, 99)}`,
    random.chance(0.1) ? '' : String(random.integer(1, 50)),
    random.pick(['', 'new', 'paid', 'sent']),
    random.chance(0.1) ? '' : day(random),
  ];
}

export function memberCells(random: Random, key: string): string[] {
  return [
    key,
    random.pick(NAMES),
    random.chance(0.1) ? '' : day(random),
    String(random.integer(0, 100_000)),
    random.pick(CITIES),
    random.chance(0.1) ? '' : String(random.integer(1_000_000, 9_999_999)),
  ];
}

export function visitCells(random: Random, row: number): string[] {
  return [
    `/page/${row}`,
    random.pick(NAMES),
    day(random),
    random.chance(0.1) ? '' : String(random.integer(0, 5000)),
    random.pick(NOTES),
  ];
}

function day(random: Random): string {
  return `${random.integer(1950, 2026)}-0${random.integer(1, 9)}-${random.integer(10, 28)}`;
}

/** A record that lands as its cells are. */
export function sound(dataset: DatasetName, cells: readonly string[]): StormRecord {
  const values = cells.map((cell) => (cell === '' ? null : cell));
  return { cells, values, ...(isKeyed(dataset) ? { key: cells[0]! } : {}) };
}

function spoil(random: Random, dataset: DatasetName, good: readonly string[]): StormRecord {
  if (random.chance(0.1)) return { cells: [...good, 'one too many'], code: 'extra-cell', meant: good };
  if (random.chance(0.1)) return { cells: good.slice(0, 2), code: 'missing-cell', meant: good };
  const { column, text, code, isLate } = random.pick(SPOILED[dataset]);
  const late = isLate === true ? { supersedes: good[0]! } : {};
  return { cells: good.with(column, text), code, meant: good, ...late };
}

export function quoted(cell: string): string {
  return /[",\r\n]|^ /.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
