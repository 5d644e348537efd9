// What an import has left behind, read over HTTP and from the tables, to be held against the truth of its file.
import Papa from 'papaparse';
import { waitFor } from '../support/wait-for.ts';
import type { StormHouse } from './house.ts';

type Counts = Readonly<Record<string, number | null>>;

export interface EndedTask {
  readonly id: string;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly result: Counts | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface ChunkState {
  readonly status: string;
  readonly firstRow: number;
  readonly records: number;
}

/** A record of rejects.csv or unprocessed.csv. */
export interface GivenRecord {
  readonly row: number;
  /** The cell `_errors`. */
  readonly errors: string;
  readonly cells: readonly string[];
}

export interface Outcome {
  readonly task: EndedTask;
  /** Of the import. */
  readonly counts: Counts;
  readonly chunks: readonly ChunkState[];
  /** All records of rejects.csv and unprocessed.csv, in their order. */
  readonly given: { readonly rejects: readonly GivenRecord[]; readonly unprocessed: readonly GivenRecord[] };
  /** The same, their cells by row. */
  readonly rejects: ReadonlyMap<number, readonly string[]>;
  readonly unprocessed: ReadonlyMap<number, readonly string[]>;
  /** Ids of accepted.csv by row. */
  readonly accepted: ReadonlyMap<number, string>;
  /** Rows that one of these files has more than once: right in a retry alone. */
  readonly givenTwice: readonly number[];
  /** Codes of the row errors by row. */
  readonly errorCodes: ReadonlyMap<number, readonly string[]>;
}

const FINAL = ['succeeded', 'failed', 'cancelled'];
const END_TIMEOUT_MS = 90_000;

/** Polls as a client does; whatever goes wrong meanwhile is passed over. */
export function untilEnded(house: StormHouse, id: string): Promise<EndedTask> {
  return waitFor(
    async () => {
      const response = await house.call(`/v1/tasks/${id}`);
      const task = (await response.json()) as EndedTask;
      return response.status === 200 && FINAL.includes(task.status) ? task : undefined;
    },
    { what: `import ${id} to end`, timeoutMs: END_TIMEOUT_MS },
  );
}

export async function readOutcome(house: StormHouse, task: EndedTask): Promise<Outcome> {
  const chunks = await house.pool.query<{ status: string; first_row: string; records: number }>(
    'SELECT status, first_row, records FROM sluice.import_chunks WHERE import_id = $1 ORDER BY chunk_no',
    [task.id],
  );
  const errors = await house.pool.query<{ row: string; codes: string[] }>(
    'SELECT row, array_agg(code) AS codes FROM sluice.import_row_errors WHERE import_id = $1 GROUP BY row',
    [task.id],
  );
  const [rejects, unprocessed] = [
    (await download(house, task.id, 'rejects.csv')).map(givenRecord),
    (await download(house, task.id, 'unprocessed.csv')).map(givenRecord),
  ];
  const accepted = await download(house, task.id, 'accepted.csv');
  const imp = await house.call(`/v1/imports/${task.id}`);
  return {
    task,
    counts: ((await imp.json()) as { counts: Counts }).counts,
    chunks: chunks.rows.map(({ status, first_row, records }) => ({
      status,
      firstRow: Number(first_row),
      records,
    })),
    given: { rejects, unprocessed },
    rejects: new Map(rejects.map(({ row, cells }) => [row, cells])),
    unprocessed: new Map(unprocessed.map(({ row, cells }) => [row, cells])),
    accepted: new Map(accepted.map(([row, id]) => [Number(row), id!])),
    givenTwice: [rejects.map(rowOf), unprocessed.map(rowOf), accepted.map(([row]) => Number(row))].flatMap(
      twice,
    ),
    errorCodes: new Map(errors.rows.map(({ row, codes }) => [Number(row), codes])),
  };
}

/** The records of one of the files, as cells. */
async function download(house: StormHouse, id: string, name: string): Promise<string[][]> {
  const response = await house.call(`/v1/imports/${id}/${name}`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${name} was answered ${response.status} ${text}`);
  const { data } = Papa.parse<string[]>(text.replace(/^\uFEFF/, ''), {
    delimiter: ',',
    skipEmptyLines: true,
  });
  return data.slice(1);
}

function givenRecord([row, errors, ...cells]: readonly string[]): GivenRecord {
  return { row: Number(row), errors: errors!, cells };
}

function rowOf({ row }: GivenRecord): number {
  return row;
}

function twice(rows: readonly number[]): number[] {
  const seen = new Set<number>();
  return rows.filter((row) => seen.size === seen.add(row).size);
}
