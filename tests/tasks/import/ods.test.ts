// An .ods file lands as the same workbook does as .xlsx: values, rejects by cell, and covered cells.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { withPlace } from '../../../src/core/imports/error-place.ts';
import { findImport } from '../../../src/db/imports/imports.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { freshSlot, type FreshSlot } from '../../support/fresh-slot.ts';
import { ods, odsRow, typedCell } from '../../support/ods.ts';
import { addImport, runImport } from '../../support/slot.ts';
import { cell, row, workbook } from '../../support/workbook.ts';

const VALUES: Dataset = {
  name: 'values',
  schema: {
    fields: [
      { name: 'code', type: 'string' },
      { name: 'amount', type: 'number', decimalChar: ',', groupChar: '.' },
      { name: 'day', type: 'date', format: '%d.%m.%Y' },
      { name: 'clock', type: 'time' },
      { name: 'yes', type: 'boolean', trueValues: ['ja'], falseValues: ['nein'] },
    ],
  },
  target: { table: 'values_of_ods' },
};
const HEADER = VALUES.schema.fields.map(({ name }) => name);

let fresh: FreshSlot;

beforeAll(async () => {
  fresh = await freshSlot([VALUES]);
});
afterAll(() => fresh.close());
beforeEach(() => fresh.database.pool.query('TRUNCATE values_of_ods'));

async function land(content: Buffer): Promise<unknown> {
  const { slot, database } = fresh;
  await database.pool.query('TRUNCATE values_of_ods');
  const id = await addImport(slot, VALUES, content);
  await runImport(slot, id);
  const imp = await findImport(slot.db, id);
  const { errors } = await listRowErrors(slot.db, id, {}, { limit: 100 });
  const { rows } = await database.pool.query<Record<string, unknown>>(
    'SELECT code, amount::text, day::text, clock::text, yes FROM values_of_ods ORDER BY import_row',
  );
  return { rows, errors: errors.map((error) => withPlace(error, imp!.dialect)) };
}

const ODS_ROWS = [
  odsRow(...HEADER),
  odsRow(
    typedCell('table:style-name="zeros" office:value-type="float" office:value="42"', '00042'),
    1234.5,
    typedCell('office:value-type="date" office:date-value="2024-01-31"'),
    typedCell('office:value-type="time" office:time-value="PT13H45M00S"'),
    typedCell('office:value-type="boolean" office:boolean-value="true"', 'TRUE'),
  ),
  '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>',
  odsRow('00123', '1.234,50', '31.01.2024', '13:45:00', 'nein'),
  odsRow('a', typedCell('table:formula="of:=1/0" office:value-type="float" office:value="0"', '#DIV/0!')),
  odsRow(
    typedCell('office:value-type="string" table:number-columns-spanned="2"', 'm'),
    '<table:covered-table-cell/>',
  ),
].join('');

const XLSX_ROWS = [
  row(1, ...HEADER.map((name, at) => cell(`${'ABCDE'[at]}1`, name))),
  row(
    2,
    cell('A2', 42, 1),
    cell('B2', 1234.5),
    cell('C2', 45322, 2),
    cell('D2', 0.572_916_666_666_666_7, 3),
    cell('E2', true),
  ),
  row(
    5,
    ...['00123', '1.234,50', '31.01.2024', '13:45:00', 'nein'].map((text, at) =>
      cell(`${'ABCDE'[at]}5`, text),
    ),
  ),
  row(6, cell('A6', 'a'), '<c r="B6" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
  row(7, cell('A7', 'm')),
].join('');

it('lands as the same .xlsx does', async () => {
  const fromOds = await land(ods({ name: 'S', rows: ODS_ROWS }));
  const after = '<mergeCells><mergeCell ref="A7:B7"/></mergeCells>';
  const fromXlsx = await land(
    workbook({ formats: ['00000', 14, 21], sheets: [{ name: 'S', rows: XLSX_ROWS, after }] }),
  );
  expect(fromOds).toEqual(fromXlsx);
  expect(fromOds).toMatchObject({
    rows: [
      { code: '00042', amount: '1234.5', day: '2024-01-31', clock: '13:45:00', yes: true },
      { code: '00123', amount: '1234.50', day: '2024-01-31', clock: '13:45:00', yes: false },
    ],
    errors: [
      { line: 6, cell: 'B6', code: 'cell-error', value: '#DIV/0!' },
      { line: 7, cell: 'B7', code: 'cell-error', message: expect.stringContaining('A7:B7') },
    ],
  });
});
