import { describe, expect, it } from 'vitest';
import { proposeMapping } from '../../../../src/core/dataset/infer/propose-mapping.ts';
import { parseDataset } from '../../../../src/core/dataset/document/parse-dataset.ts';

const DATASET = parseDataset(
  {
    name: 'shop',
    title: 'Shop',
    schema: {
      fields: [
        { name: 'code', type: 'string', constraints: { required: true } },
        { name: 'customer', type: 'string', title: 'Customer name', aliases: ['client'] },
        { name: 'quantity', type: 'integer' },
        { name: 'email', type: 'string', format: 'email' },
      ],
    },
    target: { table: 'shop' },
  },
  'the test',
);

const propose = (header: string[] | undefined, cells: string[][], saved?: Record<string, string | null>) =>
  proposeMapping(DATASET, { header, cells }, {}, saved);

describe('a mapping is proposed', () => {
  it('by name, title, alias and likeness, each with its reason; what the values say against it counts', () => {
    const { columns, mapping, missing, score } = propose(
      ['CODE', 'Client', 'quantty', 'e-mail', 'note'],
      [['a'], ['b'], ['1', 'x'], ['a@b.example'], ['n']],
    );
    expect(
      columns.map(({ field, reason, score: each, accepted }) => [field, reason, each, accepted]),
    ).toEqual([
      ['code', 'name', 1, 1],
      ['customer', 'alias', 1, 1],
      ['quantity', 'similar', expect.closeTo(0.66, 1), 0.5],
      ['email', 'similar', expect.closeTo(0.83, 1), 1],
      [null, 'none', 0, null],
    ]);
    expect(mapping).toEqual({
      CODE: 'code',
      Client: 'customer',
      quantty: 'quantity',
      'e-mail': 'email',
      note: null,
    });
    expect([missing, score]).toEqual([[], expect.closeTo(0.7, 1)]);
  });

  it('as it was saved for such a header', () => {
    const { columns } = propose(['Nr', 'code'], [['a'], ['b']], { Nr: 'code', code: null });
    expect(columns.map(({ field, reason }) => [field, reason])).toEqual([
      ['code', 'saved'],
      [null, 'none'],
    ]);
  });

  it('in the order of the fields for a file without a header', () => {
    const { mapping } = propose(undefined, [['a'], ['b']]);
    expect(mapping).toEqual({ '#1': 'code', '#2': 'customer' });
  });

  it('with a lower score when a required field gets no column', () => {
    expect(propose(['quantity'], [['1']])).toMatchObject({ missing: ['code'], score: 0.5 });
  });

  it('that feeds each field once', () => {
    const { columns } = propose(['client', 'customer', 'Customer name'], [['a'], ['b'], ['c']]);
    expect(columns.map(({ field }) => field)).toEqual(['customer', null, null]);
  });
});
