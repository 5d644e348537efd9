// Values of sensitive fields are in the reject file, and in no row error.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { AppError } from '../../../src/errors.ts';
import { freshSlot, type FreshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport } from '../../support/slot.ts';
import { rejectsOf } from '../../support/staged.ts';

const PATIENTS: Dataset = {
  name: 'patients',
  schema: {
    fields: [
      { name: 'no', type: 'integer' },
      {
        name: 'tax_no',
        type: 'string',
        sensitive: true,
        constraints: { pattern: 'SECRET[0-9]', unique: true },
      },
      { name: 'born', type: 'date', format: 'any', sensitive: true },
    ],
  },
  target: { table: 'patients' },
};

let fresh: FreshSlot;

beforeEach(async () => {
  fresh = await freshSlot([PATIENTS]);
});
afterEach(() => fresh.close());

it('cells, whole records and what Postgres refuses', async () => {
  const { slot } = fresh;
  const records = [
    '1,SECRET1,2000-01-01',
    'x,SECRET2,2000-01-01',
    '3,SECRETX,2000-01-01',
    '4,SECRET1,2000-01-01',
    '5,SECRET5,2000-13-01',
    '6,SECRET6',
    '7,SECRET7,2000-01-01,SECRET8',
    '8,"SECRET9"x,2000-01-01',
  ];
  const id = await addImport(slot, PATIENTS, `no,tax_no,born\n${records.join('\n')}\n`);
  await runImport(slot, id);
  const { errors } = await listRowErrors(slot.db, id, {}, { limit: 100 });
  expect(errors.map(({ row, code, value }) => [row, code, value])).toEqual([
    [2, 'type-error', 'x'],
    [3, 'constraint-error', null],
    [4, 'unique-error', null],
    [5, 'type-error', null],
    [6, 'missing-cell', null],
    [7, 'extra-cell', null],
    [8, 'quote-error', null],
  ]);
  expect(JSON.stringify(errors)).not.toMatch(/SECRET|2000-13/);
  expect(errors[1]!.message).toBe(
    'Column "tax_no" breaks the constraint "pattern". The value is not shown, because the dataset has sensitive fields; the reject file has it.',
  );
  // The reject file has the cells, and what is wrong as it is.
  const rejects = await rejectsOf(slot, id);
  expect(rejects.map(({ cells }) => cells.join())).toEqual(records.slice(1));
  expect(rejects[1]!.errors).toContain('got "SECRETX"');
});

it('a question about its dates', async () => {
  const question = await addImport(fresh.slot, PATIENTS, 'no,tax_no,born\n1,SECRET1,03-04-2020\n').catch(
    (error: unknown) => error,
  );
  expect(question).toBeInstanceOf(AppError);
  expect((question as AppError).code).toBe('DATE_ORDER_AMBIGUOUS');
  expect(JSON.stringify([(question as AppError).message, (question as AppError).errors])).not.toMatch(/2020/);
});
