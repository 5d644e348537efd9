import { describe, expect, it } from 'vitest';
import { inferColumn } from '../../../../src/core/dataset/infer/infer-column.ts';

describe('the type of a column', () => {
  it.each([
    [['1', '-20', '0'], { type: 'integer' }],
    // Codes and telephone numbers.
    [['007', '12'], { type: 'string' }],
    [['1.5', '20'], { type: 'number' }],
    [['1.5e3', '2'], { type: 'number' }],
    [['1,5', '20'], { type: 'number', decimalChar: ',' }],
    [['1.234,56', '7'], { type: 'number', decimalChar: ',', groupChar: '.' }],
    [['1,234.56', '7'], { type: 'number', groupChar: ',' }],
    [['1 234,5'], { type: 'number', decimalChar: ',', groupChar: ' ' }],
    [["1'234.5"], { type: 'number', groupChar: "'" }],
    [['1,234,567', '12'], { type: 'integer', groupChar: ',' }],
    [['1.234', '12'], { type: 'number', isOpen: true }],
    [['1,234'], { type: 'number', isOpen: true }],
    [['1.2.3'], { type: 'string' }],
    [['12 €'], { type: 'string' }],
    [['2024-01-31'], { type: 'date', format: 'default' }],
    [['2024-13-31'], { type: 'string' }],
    [['2024/1/31', '2024/02/01'], { type: 'date', format: 'any', dateOrder: 'ymd' }],
    [['31/01/2024', '01/02/2024'], { type: 'date', format: 'any', dateOrder: 'dmy' }],
    [['1/31/2024', '01/02/2024'], { type: 'date', format: 'any', dateOrder: 'mdy' }],
    [['01.02.2024'], { type: 'date', format: 'any', isOpen: true }],
    [['05.05.2024'], { type: 'date', format: 'any', dateOrder: 'dmy' }],
    [['31/01/2024', '01/31/2024'], { type: 'string' }],
    [['2024-01-31T09:00:00Z', '2024-01-31 09:00'], { type: 'datetime', format: 'default' }],
    [['31.01.2024 09:00'], { type: 'datetime', format: 'any', dateOrder: 'dmy' }],
    [['9:00', '23:59:59'], { type: 'time', format: 'any' }],
    [['true', 'FALSE'], { type: 'boolean' }],
    [['Yes', 'no'], { type: 'boolean' }],
    [['a@example.com'], { type: 'string', format: 'email' }],
    [['https://example.com/a'], { type: 'string', format: 'uri' }],
    [['山田', '1'], { type: 'string' }],
    [['', ' '], { type: 'any' }],
  ])('%j', (cells, expected) => {
    const { type, format, dateOrder, decimalChar, groupChar, isOpen } = inferColumn(cells);
    const said = { type, format, dateOrder, decimalChar, groupChar, isOpen };
    expect(said).toEqual({
      format: undefined,
      dateOrder: undefined,
      decimalChar: undefined,
      groupChar: undefined,
      isOpen: undefined,
      ...expected,
    });
  });
});

it('counts what is empty, names what says that there is no value, and shows the first values that differ', () => {
  expect(inferColumn(['1', '', 'n/a', '22', '1', '-', '3', '4'])).toEqual({
    type: 'integer',
    values: 5,
    empty: 1,
    missingValues: ['n/a', '-'],
    longest: 3,
    examples: ['1', '22', '3'],
  });
  expect(inferColumn(['a', '-'])).toMatchObject({ type: 'string', values: 2, missingValues: [] });
});
