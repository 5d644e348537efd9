import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { proveDateOrders } from '../../src/api/imports/prove-date-orders.ts';
import { compileField } from '../../src/core/dataset/compile-field.ts';
import { asWritten } from '../../src/core/dataset/notation.ts';
import type { Dataset, DateOrder, Field, FileColumn } from '../../src/core/dataset/types.ts';
import { AppError, type ErrorItem } from '../../src/errors.ts';

const ANY: Field = { name: 'day', type: 'date', format: 'any' };

const datasetOf = (...fields: Field[]): Dataset => ({
  name: 'days',
  schema: { fields },
  target: { table: 'days' },
});

/** The records of a file whose columns are the fields. */
async function prove(text: string, ...fields: Field[]): Promise<readonly FileColumn[]> {
  const bytes = Buffer.from(text);
  const columns = fields.map(({ name }, fieldIndex) => ({ header: name, fieldIndex }));
  const file = {
    dialect: { delimiter: ';' } as const,
    columns,
    dataStart: 0,
    dataLine: 2,
    dataEnd: bytes.length,
  };
  return proveDateOrders(
    datasetOf(...fields),
    file,
    async ({ startByte, endByte }) => bytes.subarray(startByte, endByte),
    { maxRecordBytes: 1000 },
  );
}

const orderOf = async (days: readonly string[], field = ANY): Promise<DateOrder | undefined> =>
  (await prove(days.join('\n'), field))[0]!.dateOrder;

async function refusal(text: string, ...fields: Field[]): Promise<readonly ErrorItem[]> {
  const error = await prove(text, ...fields).catch((reason: unknown) => reason);
  if (!(error instanceof AppError)) throw new Error(`It is no refusal: ${JSON.stringify(error)}`);
  expect(error.code).toBe('DATE_ORDER_AMBIGUOUS');
  return error.errors!;
}

describe('the order of a column of dates', () => {
  it.each<[string, string[], DateOrder | undefined]>([
    ['is proven by a day over 12', ['01/02/2024', '31.12.2024', '1-2-2024'], 'dmy'],
    ['the other way round', ['01/02/2024', '12/31/2024'], 'mdy'],
    ['is not needed when the year comes first', ['2024-02-01', '2024/1/5', '2024年1月5日', ''], undefined],
    ['is the same for dates that read the same both ways', ['05/05/2024', '12-12-2024'], 'dmy'],
    ['is not proven by what is no date', ['31/02/2024', '31/12/24', '31/12', 'x', '45292'], undefined],
    ['is proven by quoted cells too', ['01/02/2024', '"31/12/2024"'], 'dmy'],
    ['is proven by a leap day', ['02/29/2024', '01/02/2024'], 'mdy'],
    ['is not proven by the 29th of a February that had none', ['02/29/2023', '31/12/2024'], 'dmy'],
  ])('%s', async (_what, days, order) => {
    expect(await orderOf(days)).toBe(order);
  });

  it('is that of datetimes too', async () => {
    const field: Field = { name: 'at', type: 'datetime', format: 'any' };
    expect(await orderOf(['01/02/2024 9:30', '31/12/2024T15:30:59+09:00'], field)).toBe('dmy');
    expect(await refusal('01/02/2024 9:30', field)).toMatchObject([
      { samples: [{ dmy: '2024-02-01T09:30:00Z', mdy: '2024-01-02T09:30:00Z' }] },
    ]);
  });

  it('is looked for in the text as the field reads it, whatever the field allows', async () => {
    const field: Field = {
      ...ANY,
      normalize: ['nfkc', 'trim'],
      missingValues: ['31/12/9999'],
      constraints: { required: true, maximum: '2020-01-01' },
    };
    expect(await orderOf([' １２／３１／２０２４ ', '01/02/2024', '31/12/9999'], field)).toBe('mdy');
  });

  it('is each column’s own, and no record with another number of cells proves anything', async () => {
    const other = { ...ANY, name: 'other' };
    const columns = await prove('31/12/2024;12/31/2024\n01/02/2024;01/02/2024\n12/31/2024', ANY, other);
    expect(columns.map(({ dateOrder }) => dateOrder)).toEqual(['dmy', 'mdy']);
  });

  it('is nothing to a field that has its own', async () => {
    const fields = ['default', '%d/%m/%Y'].map((format) => ({ ...ANY, name: format, format }));
    const columns = await prove('2024-02-01;01/02/2024', ...fields);
    expect(columns.map(({ dateOrder }) => dateOrder)).toEqual([undefined, undefined]);
  });
});

describe('is refused', () => {
  it('a column in which every such date could be either', async () => {
    expect(
      await refusal('2024-01-01;x\n01/02/2024;x\n05/05/2024;x', ANY, { name: 'note', type: 'string' }),
    ).toEqual([
      {
        code: 'date-order',
        column: 1,
        header: 'day',
        detail: expect.stringContaining('"01/02/2024" (line 3) is 2024-02-01 or 2024-01-02'),
        samples: [{ line: 3, value: '01/02/2024', dmy: '2024-02-01', mdy: '2024-01-02' }],
      },
    ]);
  });

  it('a column that proves both', async () => {
    expect(await refusal('31/12/2024\n01/02/2024\n12/31/2024', ANY)).toMatchObject([
      {
        detail: expect.stringContaining(
          '"31/12/2024" (line 2), and with the month first, "12/31/2024" (line 4)',
        ),
        samples: [
          { value: '31/12/2024', mdy: null },
          { value: '12/31/2024', dmy: null },
          { value: '01/02/2024' },
        ],
      },
    ]);
  });

  it('each such column by its name', async () => {
    const other = { ...ANY, name: 'other' };
    const problems = await refusal('01/02/2024;03/04/2024', ANY, other);
    expect(problems.map(({ header }) => header)).toEqual(['day', 'other']);
  });
});

test('whatever is written in one order is read as it was meant, or refused', async () => {
  const day = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-12-31'), noInvalidDate: true });
  const file = fc.tuple(
    fc.constantFrom('dmy' as const, 'mdy' as const),
    fc.array(day, { minLength: 1, maxLength: 6 }),
  );
  await fc.assert(
    fc.asyncProperty(file, async ([order, days]) => {
      const iso = days.map((date) => date.toISOString().slice(0, 10));
      const parts = iso.map((text) => text.split('-') as [string, string, string]);
      const written = parts.map(([year, month, dayOfMonth]) =>
        order === 'dmy' ? `${dayOfMonth}/${month}/${year}` : `${month}/${dayOfMonth}/${year}`,
      );
      const isProven = parts.some(([, , dayOfMonth]) => Number(dayOfMonth) > 12);
      const isSame = parts.every(([, month, dayOfMonth]) => month === dayOfMonth);
      const columns = await prove(written.join('\n'), ANY).catch((error: AppError) => error.code);
      const read =
        typeof columns === 'string'
          ? columns
          : written.map(compileField(asWritten(ANY, columns[0]!), { fields: [ANY] }).read);
      expect(read).toEqual(isProven || isSame ? iso : 'DATE_ORDER_AMBIGUOUS');
    }),
  );
});
