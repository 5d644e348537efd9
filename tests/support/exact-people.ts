import { expect } from 'vitest';
import type { PeopleFile } from './people.ts';
import type { Sluice } from './sluice.ts';

/** Waits for the end of the only import of people, and compares table, counts, row errors and rejects with what the file holds. */
export async function expectExact(
  sluice: Sluice,
  id: string,
  file: PeopleFile,
  timeoutMs?: number,
): Promise<void> {
  const ended = await sluice.ended(id, timeoutMs);
  const loaded = file.records - file.badRows.length;
  expect(ended).toMatchObject({
    status: 'succeeded',
    result: { records: file.records, loaded, rejected: file.badRows.length, errors: file.badRows.length },
  });
  const { rows } = await sluice.database.pool.query<Record<string, string>>(
    'SELECT count(*) AS rows, count(DISTINCT import_row) AS numbers, sum(points) AS points FROM people',
  );
  expect(rows[0]).toEqual({ rows: String(loaded), numbers: String(loaded), points: String(file.points) });
  const rejects = await (await sluice.fetch(`/v1/imports/${id}/rejects.csv`)).text();
  expect([...rejects.matchAll(/^(\d+),/gm)].map((match) => Number(match[1]))).toEqual(file.badRows);
  const errors = await sluice.database.pool.query<{ row: string }>(
    'SELECT row FROM sluice.import_row_errors WHERE import_id = $1 ORDER BY row',
    [id],
  );
  expect(errors.rows.map((each) => Number(each.row))).toEqual(file.badRows);
}
