import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { proveNotation } from '../../../src/intake/prove-notation.ts';
import { compileField } from '../../../src/core/dataset/fields/compile-field.ts';
import { asWritten, withNotation } from '../../../src/core/dataset/fields/notation.ts';
import type { Dataset, DateOrder, Field, FileColumn, Notation } from '../../../src/core/dataset/types.ts';
import { AppError, type ErrorItem } from '../../../src/errors.ts';

const ANY: Field = { name: 'day', type: 'date', format: 'any' };

const datasetOf = (...fields: Field[]): Dataset => ({
  name: 'days',
  schema: { fields },
  target: { table: 'days' },
});

/** The records of a file whose columns are the fields. */
async function prove(text: string, ...fields: Field[]): Promise<readonly FileColumn[]> {
  return proveSaid(text, {}, ...fields);
}

/** The same where the sender says how numbers are written. */
async function proveSaid(text: string, said: Notation, ...fields: Field[]): Promise<readonly FileColumn[]> {
  const bytes = Buffer.from(text);
  const columns = fields.map(({ name }, fieldIndex) => ({ header: name, fieldIndex, ...said }));
  const file = {
    dialect: { delimiter: ';' } as const,
    columns,
    dataStart: 0,
    dataLine: 2,
    dataEnd: bytes.length,
    lacksCommas: false,
  };
  return proveNotation(
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
        column: { index: 1, name: 'day' },
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
    expect(problems.map(({ column }) => column?.name)).toEqual(['day', 'other']);
  });
});

describe('numbers', () => {
  const PRICE: Field = { name: 'price', type: 'number' };
  const refused = async (
    cells: readonly string[],
    field = PRICE,
    said: Notation = {},
  ): Promise<AppError | undefined> => {
    const answer: unknown = await proveSaid(cells.join('\n'), said, field).catch((reason: unknown) => reason);
    return answer instanceof AppError ? answer : undefined;
  };

  it('with a decimal comma beside some that are another number with a point are an answer, not a guess', async () => {
    const error = (await refused(['', '12', '1.234', '2.500', '1.234,56', '7,5']))!;
    expect(error).toMatchObject({
      code: 'NUMBER_NOTATION_AMBIGUOUS',
      errors: [
        {
          code: 'number-notation',
          column: { index: 1, name: 'price' },
          samples: [
            { line: 6, value: '1.234,56' },
            { line: 4, value: '1.234' },
            { line: 5, value: '2.500' },
          ],
        },
      ],
    });
    expect(error.message).toContain('decimalChar=,');
  });

  it.each(['1.234,56', '1.234.567,8', '1,5e3', '0,5', '1234,567', '12,5', ',25', '-3,1234', ' 7,5 '])(
    'have a decimal comma: %s',
    async (comma) => expect((await refused(['1.234', comma]))?.code).toBe('NUMBER_NOTATION_AMBIGUOUS'),
  );

  it('are looked at as their field reads them', async () => {
    const field: Field = { ...PRICE, normalize: ['nfkc', { remove: 'ca ' }] };
    for (const cells of [
      ['１.２３４', '７,５'],
      ['ca 1.234', 'ca 7,5'],
    ])
      expect((await refused(cells, field))?.code).toBe('NUMBER_NOTATION_AMBIGUOUS');
  });

  it.each(['1.5', '1,234.56', '0.125', '1234.567', '.25', '-3.1234', '1.234e3', ' 7.5 '])(
    'have a decimal point, whatever else is wrong with some: %s',
    async (point) => {
      expect(await refused(['1.234', '7,5', point])).toBeUndefined();
      expect(await refused([point, '1.234', '7,5'])).toBeUndefined();
    },
  );

  it.each([
    [['1.234', '2.500', '12']],
    [['7,5', '12', '0,25']],
    // Groups of three, with a comma: an error either way, and no proof.
    [['1.234', '1,234', '1,234,567']],
    [['1.234', 'n/a', 'kg']],
    [['1.500.000', '12', '1.500.000.000']],
    [['12 345', "12'345", '1.234']],
    [['$1.234', '€2.500']],
  ])('are read with a point where nothing would be another number: %j', async (cells) =>
    expect(await refused(cells)).toBeUndefined(),
  );

  it.each([
    ['250.000', '1.500.000'],
    ['1.234', '12 345,5'],
    ['1.234', '12\u00a0345,5'],
    ['1.234', '12\u202f345,500'],
    ['1.234', "12'345,5"],
    ['1.234', '12’345,5'],
    ['1.234', '7,5 €'],
    ['1.234', '7,5 kg'],
    ['1.234', '€ 7,5'],
    ['1.234', '-7,5 €'],
    ['1.234', '€ 1.500.000'],
    ['1.234 €', '7,5'],
  ])('whose dots are groups, as other cells show, are an answer: %s beside %s', async (either, proof) => {
    for (const field of [PRICE, { ...PRICE, bareNumber: false }]) {
      const error = (await refused([either, proof], field))!;
      expect(error.code).toBe('NUMBER_NOTATION_AMBIGUOUS');
      expect(error.errors![0]!['samples']).toEqual([
        { line: 3, value: proof },
        { line: 2, value: either },
      ]);
    }
  });

  it.each(['12 345.5', "12'345.50", '7.5 €', '€ 1,500.25', '$1.5'])(
    'are read with a point that another cell shows: %s',
    async (point) => expect(await refused(['1.234', '7,5 €', point])).toBeUndefined(),
  );

  it('of money with three digits behind the point show nothing by themselves', async () => {
    const money = { ...PRICE, bareNumber: false };
    for (const cell of ['Rp15.000', 'Rp 15.000', '€1.234', '15.000 VND'])
      expect((await refused([cell], money))?.message).toContain('amount of money');
    expect(await refused(['Rp15.000', 'Rp2.50'], money)).toBeUndefined();
    expect(await refused(['15.000 kg'], money)).toBeUndefined();
    for (const said of [{ decimalChar: '.' }, { decimalChar: ',', groupChar: '.' }])
      expect(await refused(['Rp15.000'], money, said)).toBeUndefined();
  });

  it.each([
    ['1,234', '12.50', {}],
    ['1,234', '1,234.56', {}],
    ['1,234', '1,500,000', {}],
    ['1,234', '$12.50', {}],
    ['1.234', '12.50', { groupChar: '.' }],
  ])(
    'declared with a decimal comma where the column shows a point: %s beside %s',
    async (either, proof, said) => {
      const error = (await refused([either, proof], PRICE, { decimalChar: ',', ...said }))!;
      expect(error.code).toBe('NUMBER_NOTATION_AMBIGUOUS');
      expect(error.message).toContain('Send decimalChar=. for a decimal point');
    },
  );

  it('declared with a decimal comma are believed where a number has one, or none is another number', async () => {
    const comma = { decimalChar: ',' };
    for (const cells of [
      ['1,234', '12.50', '7,5'],
      ['12.50'],
      ['1,234'],
      ['1.234', '12.50'],
      ['1,234', '1.500.000', '2.5'],
    ])
      expect(await refused(cells, PRICE, comma)).toBeUndefined();
  });

  it.each<[string, string, Partial<Field>, Notation]>([
    ['1,234', '12.50', { decimalChar: ',' }, { decimalChar: ',' }],
    ['1,234', '1,500,000', { decimalChar: ',' }, { decimalChar: ',' }],
    ['1.234', '12.50', { decimalChar: ',', groupChar: '.' }, { decimalChar: ',' }],
    ['1.234', '1,234.50', { decimalChar: ',', groupChar: ['.', ' '] }, { groupChar: '.' }],
    ['1.234', '7,5', { decimalChar: '.' }, { decimalChar: '.' }],
    ['1.234', '1.500.000', { groupChar: ' ' }, { decimalChar: '.' }],
    ['1,234', '7,5', { groupChar: ',' }, { decimalChar: '.' }],
    ['1,234', '7,5', { type: 'integer', groupChar: ',' }, { groupChar: ',' }],
    ['1.234', '12.5', { type: 'integer', groupChar: '.' }, { groupChar: '.' }],
    ['1.234 €', '€ 12.50', { decimalChar: ',', groupChar: '.', bareNumber: false }, { decimalChar: ',' }],
  ])(
    'that the column writes otherwise than the dataset says are an answer: %s beside %s in %j',
    async (either, proof, said, insisting) => {
      const field: Field = { ...PRICE, ...said };
      const error = (await refused([either, proof], field))!;
      expect(error.code).toBe('NUMBER_NOTATION_AMBIGUOUS');
      expect(error.message).toContain('Correct the file or the dataset');
      expect(error.errors).toMatchObject([{ samples: [{ value: proof }, { value: either }] }]);
      const columns = withNotation([field], [{ header: 'price', fieldIndex: 0 }], insisting);
      expect(await refused([either, proof], field, columns[0])).toBeUndefined();
      const { read } = compileField(asWritten(field, columns[0]!), { fields: [field] });
      expect(read(either)).toBe(compileField(field, { fields: [field] }).read(either));
    },
  );

  it.each<[readonly string[], Partial<Field>]>([
    [['1,234', '12.50', '7,5'], { decimalChar: ',' }],
    [['1.234', '12.50', '1.500.000'], { decimalChar: ',', groupChar: '.' }],
    [['1.234', '7,5'], { decimalChar: ',', groupChar: '.' }],
    [['1.234', '7,5', '2.50'], { decimalChar: '.' }],
    [['1,234', '7,5', '1,500,000'], { groupChar: ',' }],
    [['12.50', '7'], { decimalChar: ',', groupChar: '.' }],
    [['1.234', '7,5'], { decimalChar: '٫' }],
    [['1.234', '7.5'], { type: 'integer' }],
    [['1.234', '7,5'], { name: 'text', type: 'string' }],
  ])('are read as the dataset says where the column shows that too: %j in %j', async (cells, said) =>
    expect(await refused(cells, { ...PRICE, ...said })).toBeUndefined(),
  );

  it('are not looked at where the sender says a decimal point, but where commas are said to be groups', async () => {
    expect(await refused(['1.234', '7,5'], PRICE, { decimalChar: '.' })).toBeUndefined();
    expect((await refused(['1,234', '7,5'], PRICE, { groupChar: ',' }))?.message).toContain(
      'or decimalChar=. as well if it has a decimal point all the same',
    );
    expect(await refused(['1,234', '7,5'], PRICE, { groupChar: ',', decimalChar: '.' })).toBeUndefined();
  });

  it('are looked at where no cell holds a comma, but not where none holds a point either', async () => {
    const proveRows = async (rows: Buffer): Promise<number> => {
      let read = 0;
      await proveNotation(
        datasetOf(PRICE),
        {
          dialect: { delimiter: ',' },
          columns: [{ header: 'price', fieldIndex: 0 }],
          lacksCommas: true,
          dataStart: 0,
          dataLine: 2,
          dataEnd: rows.length,
        },
        async ({ startByte, endByte }) => {
          read += endByte - startByte;
          return rows.subarray(startByte, endByte);
        },
        { maxRecordBytes: 1000 },
      );
      return read;
    };
    await expect(proveRows(Buffer.from('250.000\n1.500.000\n'))).rejects.toMatchObject({
      code: 'NUMBER_NOTATION_AMBIGUOUS',
    });
    const whole = Buffer.from('250000\n'.repeat(100_000));
    expect(await proveRows(whole)).toBe(whole.length);
  });

  it('are looked at up to the point that proves it, and no further', async () => {
    let read = 0;
    const rows = Buffer.from(`1.5\n${'1.234\n'.repeat(200_000)}`);
    await proveNotation(
      datasetOf(PRICE),
      {
        dialect: { delimiter: ';' },
        columns: [{ header: 'price', fieldIndex: 0 }],
        lacksCommas: false,
        dataStart: 0,
        dataLine: 2,
        dataEnd: rows.length,
      },
      async ({ startByte, endByte }) => {
        read += endByte - startByte;
        return rows.subarray(startByte, endByte);
      },
      { maxRecordBytes: 1000 },
    );
    expect(read).toBeLessThan(rows.length * 2 - 1);
    expect(read).toBeGreaterThan(0);
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
