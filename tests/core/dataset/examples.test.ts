// The example files hold what their generator says.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { describeBroken } from '../../../src/core/csv/records/describe-broken.ts';
import { compileRows } from '../../../src/core/dataset/rows/compile-rows.ts';
import { matchHeader } from '../../../src/core/dataset/header/match-header.ts';
import { templateCsv } from '../../../src/core/dataset/header/template.ts';
import type { RowError } from '../../../src/core/imports/row-error.ts';
import { plan, readAll } from '../csv/reading.ts';
import { addCells, AT, countedIds, CUSTOMERS, IMPORT_ID } from './customers.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));
const LIMITS = { maxRecordBytes: 1_000_000 };

/** Reads and checks a file as a worker does. */
async function check(text: string): Promise<{ landed: number; errors: RowError[] }> {
  const headerEnd = text.indexOf('\n');
  const header = text.slice(0, headerEnd).trim().split(',');
  const body = text.slice(headerEnd + 1);
  const options = { columns: header.length, startLine: 2 };
  const columns = matchHeader(CUSTOMERS, header, { unknownColumns: 'refuse' });
  const compiler = compileRows(CUSTOMERS, columns, {
    importId: IMPORT_ID,
    createdBy: null,
    at: AT,
    nextId: countedIds(),
  });
  const broken = plan(body, options).flatMap((chunk) => chunk.broken);
  let landed = 0;
  const errors = (await readAll(body, options)).flatMap((record) => {
    if (record.cells === undefined)
      return describeBroken(
        broken.find(({ row }) => row === record.row)!,
        header,
        record.text!,
        LIMITS,
      );
    const wrong = addCells(compiler, record.cells, record);
    if (wrong === null) landed++;
    return wrong?.errors ?? [];
  });
  return { landed, errors };
}

test('customers.csv lands whole', async () => {
  const { landed, errors } = await check(readFileSync(join(EXAMPLES, 'customers.csv'), 'utf8'));
  expect(errors).toEqual([]);
  expect(landed).toBe(1000);
});

test('customers-with-errors.csv has the errors its generator lists', async () => {
  const { landed, errors } = await check(readFileSync(join(EXAMPLES, 'customers-with-errors.csv'), 'utf8'));
  expect(landed).toBe(85);
  expect(
    errors.map(({ row, line, column, code, constraint }) =>
      [row, line, column!.name, code, constraint].filter(Boolean),
    ),
  ).toEqual([
    [5, 6, '氏名', 'constraint-error', 'required'],
    [12, 13, '氏名', 'constraint-error', 'maxLength'],
    [18, 19, '生年月日', 'type-error'],
    [23, 24, '生年月日', 'type-error'],
    [29, 30, '生年月日', 'type-error'],
    [34, 35, 'メールアドレス', 'type-error'],
    [41, 42, '電話番号', 'constraint-error', 'pattern'],
    [47, 48, '電話番号', 'constraint-error', 'pattern'],
    [52, 53, '郵便番号', 'constraint-error', 'pattern'],
    [58, 59, '郵便番号', 'missing-cell'],
    [63, 64, 'extra-cell'],
    [70, 71, '氏名', 'constraint-error', 'required'],
    [70, 71, '生年月日', 'type-error'],
    [70, 71, '郵便番号', 'constraint-error', 'pattern'],
    [77, 78, '氏名', 'quote-error'],
    [84, 85, '氏名', 'quote-error'],
    [91, 92, 'メールアドレス', 'type-error'],
  ]);
});

test('the generator gives these files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-examples-'));
  try {
    cpSync(join(EXAMPLES, 'generate.mjs'), join(folder, 'generate.mjs'));
    execFileSync(process.execPath, [join(folder, 'generate.mjs')]);
    for (const name of ['customers.csv', 'customers-with-errors.csv'])
      expect(
        readFileSync(join(folder, name), 'utf8') === readFileSync(join(EXAMPLES, name), 'utf8'),
        name,
      ).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('templateCsv', () => {
  test('is a file that lands', async () => {
    const template = templateCsv(CUSTOMERS);
    expect(template.startsWith('\uFEFF氏名,カナ氏名,')).toBe(true);
    expect(await check(template)).toEqual({ landed: 1, errors: [] });
  });

  test('quotes what needs it, and has a header alone without examples', () => {
    const target = { table: 't' };
    const fields = [
      { name: 'a', type: 'string' as const, title: 'A, "B"' },
      { name: 'b', type: 'any' as const },
    ];
    expect(templateCsv({ name: 'd', schema: { fields }, target })).toBe('\uFEFF"A, ""B""",b\r\n');
    const example = [{ ...fields[1]!, example: ' x\n' }];
    expect(templateCsv({ name: 'd', schema: { fields: example }, target })).toBe('\uFEFFb\r\n" x\n"\r\n');
  });

  test('holds nothing that a spreadsheet runs, and comes back as it is', () => {
    const fields = [
      { name: 'a', type: 'string', title: '=cmd()', example: '@x' },
      { name: 'b', type: 'number', title: 'B;=1', example: '-1.5' },
      { name: 'c', type: 'string', title: 'C', example: 'x' },
    ] as const;
    expect(templateCsv({ name: 'd', schema: { fields }, target: { table: 'd' } })).toBe(
      '\uFEFFa,b,C\r\n,-1.5,x\r\n',
    );
  });
});
