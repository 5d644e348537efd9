// What an import has left behind, read over HTTP and from the tables, to be held against the truth of its file.
import Papa from 'papaparse';
import type { StormHouse } from './house.ts';
import { waitFor } from '../support/wait-for.ts';

export interface EndedTask {
  readonly id: string;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly result: Readonly<Record<string, number | string | null>> | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface ChunkState {
  readonly status: string;
  readonly firstRow: number;
  readonly records: number;
}

export interface Outcome {
  readonly task: EndedTask;
  readonly chunks: readonly ChunkState[];
  /** Cells of the reject file by row, in its order. */
  readonly rejects: ReadonlyMap<number, readonly string[]>;
  /** Rows that the reject file has more than once. */
  readonly rejectedTwice: readonly number[];
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
  const { rejects, rejectedTwice } = await readRejects(house, task.id);
  return {
    task,
    chunks: chunks.rows.map(({ status, first_row, records }) => ({
      status,
      firstRow: Number(first_row),
      records,
    })),
    rejects,
    rejectedTwice,
    errorCodes: new Map(errors.rows.map(({ row, codes }) => [Number(row), codes])),
  };
}

async function readRejects(house: StormHouse, id: string) {
  const response = await house.call(`/v1/imports/${id}/rejects.csv`);
  if (response.status !== 200)
    throw new Error(`rejects.csv was answered ${response.status} ${await response.text()}`);
  const text = (await response.text()).replace(/^\uFEFF/, '');
  const { data } = Papa.parse<string[]>(text, { delimiter: ',', skipEmptyLines: true });
  const rejects = new Map<number, string[]>();
  const rejectedTwice: number[] = [];
  for (const [row, , ...cells] of data.slice(1)) {
    if (rejects.has(Number(row))) rejectedTwice.push(Number(row));
    rejects.set(Number(row), cells);
  }
  return { rejects, rejectedTwice };
}
