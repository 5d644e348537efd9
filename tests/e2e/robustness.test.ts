// Bad files, from the socket to the table: nothing is changed, padded, invented or lost without a word. Each block is a kind of
// input that other systems get wrong. How records are found in bytes (quotes, ragged records, line ends) is tested in core/csv.
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset, Field } from '../../src/core/dataset/types.ts';
import type { RowError } from '../../src/core/imports/row-error.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { BOUNDARY, form, FORM } from '../support/uploads.ts';
import { zip } from '../support/zip.ts';

const MAX_UPLOAD_BYTES = 12_000_000;
const LIMITS = {
  SLUICE_MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES),
  SLUICE_MAX_CELL_BYTES: '1000',
  SLUICE_MAX_RECORD_BYTES: '5000',
  SLUICE_MAX_ROWS: '3000',
};

function dataset(name: string, fields: Field[]): Dataset {
  return { name, schema: { fields }, target: { table: name } };
}

const DATASETS = [
  dataset('texts', [
    { name: 'a', type: 'string' },
    { name: 'b', type: 'string' },
  ]),
  dataset('dates', [
    { name: 'key', title: 'id', type: 'string' },
    { name: 'day', type: 'date' },
    { name: 'any_day', type: 'date', format: 'any' },
    { name: 'at', type: 'datetime', format: 'any' },
  ]),
  dataset('numbers', [
    { name: 'key', title: 'id', type: 'string' },
    { name: 'whole', type: 'integer' },
    { name: 'number', type: 'number' },
    { name: 'german', type: 'number', decimalChar: ',', groupChar: '.' },
  ]),
  dataset('gaps', [
    { name: 'key', title: 'id', type: 'string', constraints: { required: true } },
    { name: 'usual', type: 'string' },
    { name: 'said', type: 'string', missingValues: ['NA', 'null'] },
  ]),
];

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ datasets: DATASETS, env: LIMITS });
  await sluice.startWorker();
});
afterAll(() => sluice.stop());

type Json = Record<string, unknown>;

interface Landed {
  readonly id: string;
  readonly imp: Json;
  readonly status: string;
  readonly result: Json | null;
  readonly error: Json | null;
  /** The dataset's fields of each row, as text, in file order. */
  readonly rows: (string | null)[][];
  readonly errors: RowError[];
}

const send = (name: string, content: string | Buffer, query = ''): Promise<Response> =>
  sluice.send(name, content, query);

/** Sends a file that is taken, and waits for its end. */
async function land(name: string, content: string | Buffer, query = ''): Promise<Landed> {
  const answer = await send(name, content, query);
  const imp = (await answer.json()) as Json;
  expect(answer.status, JSON.stringify(imp)).toBe(202);
  const id = String(imp['id']);
  const { status, result, error } = await sluice.ended(id);
  const columns = DATASETS.find((each) => each.name === name)!.schema.fields.map(
    (field) => `${field.name}::text`,
  );
  const { rows } = await sluice.database.pool.query<(string | null)[]>({
    text: `SELECT ${columns.join(', ')} FROM ${name} WHERE import_id = $1 ORDER BY import_row`,
    values: [id],
    rowMode: 'array',
  });
  const errors = (await (await sluice.fetch(`/v1/imports/${id}/errors?limit=200`)).json()) as {
    data: RowError[];
  };
  return { id, imp, status, result, error: error as Json | null, rows, errors: errors.data };
}

/** Everything that an upload could leave behind. */
async function kept(): Promise<string[]> {
  const { rows } = await sluice.database.pool.query<{ id: string }>(
    'SELECT id FROM sluice.tasks ORDER BY id',
  );
  const files = await readdir(join(sluice.folder, 'storage', 'imports')).catch(() => []);
  return [...rows.map((row) => row.id), ...files.sort()];
}

/** The problem of an upload that is refused; nothing of it is kept. */
async function refused(answer: () => Promise<Response>): Promise<Json> {
  const before = await kept();
  const response = await answer();
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem = (await response.json()) as Json;
  expect(response.status).toBe(problem['status']);
  expect(await kept()).toEqual(before);
  return problem;
}

const column = async (name: string, cells: readonly string[], query = ''): Promise<Landed> =>
  land('texts', `${name}\n${cells.join('\n')}\n`, query);

describe('duplicate header; empty header; __proto__', () => {
  it.each([
    ['a,A\n1,2\n', { duplicate: [{ index: 2, name: 'A' }] }],
    ['a,\n1,2\n', { blank: [{ index: 2, name: '' }] }],
    ['a,__proto__\n1,2\n', { unknown: [{ index: 2, name: '__proto__' }] }],
  ])('%j is refused by name', async (content, problem) => {
    expect(await refused(() => send('texts', content))).toMatchObject({
      code: 'HEADER_MISMATCH',
      ...problem,
    });
  });
  it('__proto__ is a column like any other when it is ignored', async () => {
    const { rows } = await land('texts', '__proto__,a\nx,1\n', '&unknownColumns=ignore');
    expect(rows).toEqual([['1', null]]);
  });
});

describe('BOM; UTF-16 with BOM', () => {
  const text = 'a,b\n山田,é\n';
  it.each([
    ['UTF-8', Buffer.from(`\ufeff${text}`), 'utf-8'],
    ['UTF-16LE', Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16le'],
    ['UTF-16BE', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), 'utf-16be'],
  ])('%s is decoded, its BOM is no part of the first header', async (_name, bytes, encoding) => {
    const { rows, imp } = await land('texts', bytes);
    expect(rows).toEqual([['山田', 'é']]);
    expect(imp).toMatchObject({ encoding });
  });
});

describe('invalid, overlong or surrogate UTF-8', () => {
  const far = 'x,y\n'.repeat(300_000);
  it.each([
    ['a byte that is none', [0xff]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a character beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['half a character', [0xe5, 0xb1]],
  ])('%s refuses the file with its line, near and far', async (_name, bytes) => {
    for (const [before, line] of [
      ['', 2],
      [far, 300_002],
    ] as const) {
      const content = Buffer.concat([Buffer.from(`a,b\n${before}x,`), Buffer.from(bytes), Buffer.from('\n')]);
      const byteOffset = 6 + before.length;
      expect(await refused(() => send('texts', content))).toMatchObject({
        code: 'FILE_ENCODING',
        line,
        byteOffset,
      });
    }
  });
  it('lands as it is where the sender insists on an encoding', async () => {
    const { rows } = await land('texts', 'a,b\nMÃ¼ller,x\n', '&encoding=utf-8');
    expect(rows).toEqual([['MÃ¼ller', 'x']]);
    const query = '&encoding=windows-1252&forceEncoding=true';
    expect((await land('texts', 'a,b\nMüller,x\n', query)).rows).toEqual([['MÃ¼ller', 'x']]);
  });
  it('rejects the record when the encoding was declared; a U+FFFD that is in the file is data', async () => {
    const content = Buffer.concat([
      Buffer.from('a,b\n1,\ufffd\n2,'),
      Buffer.from([0xff]),
      Buffer.from('\n3,x\n'),
    ]);
    const { rows, errors } = await land('texts', content, '&encoding=utf-8');
    expect(rows).toEqual([
      ['1', '\ufffd'],
      ['3', 'x'],
    ]);
    expect(errors).toMatchObject([{ code: 'encoding-error', row: 2, line: 3 }]);
  });
});

describe('a header without records', () => {
  it.each([
    ['alone', 'a,b\n', ''],
    ['without a line end', 'a,b', ''],
    ['with many blank lines', `a,b\n${'\r\n'.repeat(300_000)}`, ''],
    ['of a dry run', 'a,b\n', '&dryRun=true'],
    ['all or nothing', 'a,b\n', '&onError=abort'],
  ])('is an import of 0 records with emptyFile=accept: %s', async (_name, content, query) => {
    const { status, rows, errors, id } = await land('texts', content, `&emptyFile=accept${query}`);
    expect([status, rows, errors]).toEqual(['succeeded', [], []]);
    const imp = (await (await sluice.fetch(`/v1/imports/${id}`)).json()) as Json;
    expect(imp).toMatchObject({ counts: { records: 0, loaded: 0, rejected: 0, unprocessed: 0 } });
  });

  it('is refused without it, and so is a file without a header', async () => {
    expect(await refused(() => send('texts', 'a,b\n'))).toMatchObject({
      code: 'FILE_HEADER_ONLY',
      detail: expect.stringContaining('emptyFile=accept'),
    });
    expect(await refused(() => send('texts', '\n', '&emptyFile=accept'))).toMatchObject({
      code: 'FILE_EMPTY',
    });
  });

  it('does not empty a table', async () => {
    await land('texts', 'a,b\n1,2\n', '&mode=replace');
    const { status, error } = await land('texts', 'a,b\n', '&mode=replace&emptyFile=accept');
    expect([status, error]).toMatchObject(['failed', { code: 'nothing-to-load' }]);
    const { rows } = await sluice.database.pool.query('SELECT a, b FROM texts');
    expect(rows).toEqual([{ a: '1', b: '2' }]);
  });
});

describe('NUL byte', () => {
  it.each(['', '&encoding=shift_jis'])('costs its record, and no other%s', async (query) => {
    const { rows, errors } = await land('texts', 'a,b\n1,2\n3,\0\n4,"5\r\n6\0"\n7,8\n', query);
    expect(rows).toEqual([
      ['1', '2'],
      ['7', '8'],
    ]);
    expect(errors).toMatchObject([
      { code: 'encoding-error', row: 2, line: 3, value: '\ufffd' },
      {
        code: 'encoding-error',
        row: 3,
        line: 4,
        lineEnd: 5,
        message: expect.stringContaining('a NUL character'),
      },
    ]);
  });
});

describe('a table with lines around it', () => {
  const report = [
    'Report 2026',
    'who;sizes;;',
    ';whole;number;german',
    '-;pcs;kg;EUR',
    'x;1;1.5;2',
    'y;2',
    'Total;3;1.5;2',
    '',
    'printed by hand',
    '',
  ].join('\n');
  const mapping = '&mapping=' + encodeURIComponent('{"#1":"key","#2":"whole","#3":"number","#4":"german"}');

  it('lands when the sender says which they are', async () => {
    const options = '&skipLines=1&headerRows=2&skipAfterHeader=1&skipFooter=2&shortRecords=null&delimiter=;';
    const { imp, rows, errors } = await land('numbers', report, options + mapping);
    expect(errors).toEqual([]);
    expect(rows).toEqual([
      ['x', '1', '1.5', '2'],
      ['y', '2', null, null],
    ]);
    expect(imp['dialect']).toMatchObject({
      headerRows: 2,
      skipAfterHeader: 1,
      skipFooter: 2,
      shortRecords: 'null',
    });
    expect(imp['columns']).toMatchObject([
      { header: 'who' },
      { header: 'sizes whole' },
      { header: 'sizes number' },
      { header: 'sizes german' },
    ]);
  });

  it('a total at the end is named, and is a record when the sender says so', async () => {
    const body = 'a,b\n1,2\nTotal,2\n\n';
    const { rows, errors } = await land('texts', body);
    expect(rows).toEqual([['1', '2']]);
    expect(errors).toMatchObject([{ row: 2, line: 3, column: null, code: 'table-error' }]);
    expect(errors[0]!.message).toContain('skipFooter=0');
    expect((await land('texts', body, '&skipFooter=0')).rows).toEqual([
      ['1', '2'],
      ['Total', '2'],
    ]);
    expect((await land('texts', 'a,b\nTotal,1\n1,2\n3,4\n5,6\n')).rows).toHaveLength(4);
  });

  it('records of empty cells at the end are left out and counted, and a total above them is found', async () => {
    const tail = ',\r\n'.repeat(2);
    const skipped = async (id: string): Promise<unknown> =>
      ((await (await sluice.fetch(`/v1/imports/${id}`)).json()) as Json)['dialect'];
    const { id, rows, errors } = await land('texts', `a,b\r\n1,2\r\n,\r\n3,4\r\nTotal,6\r\n${tail}\r\n`);
    expect(rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    expect(errors).toMatchObject([{ row: 3, line: 5, code: 'table-error' }]);
    expect(await skipped(id)).toMatchObject({ skippedEmptyRecords: 3 });
    const kept = await land('texts', `a,b\r\n1,2\r\n${tail}`, '&emptyRecords=keep');
    expect(kept.rows).toEqual([
      ['1', '2'],
      [null, null],
      [null, null],
    ]);
    expect(await skipped(kept.id)).toMatchObject({ skippedEmptyRecords: 0 });
    // Planned while it came in, with the records that are left out.
    const note = 'x'.repeat(990);
    const large = await land('texts', `a,b\n${`${note},1\n`.repeat(1200)}${',\n'.repeat(70_000)}`);
    expect([large.rows.length, large.errors]).toEqual([1200, []]);
    expect(await skipped(large.id)).toMatchObject({ skippedEmptyRecords: 70_000 });
  });

  it('a table of nothing but empty records has none', async () => {
    const answer = await sluice.fetch('/v1/imports?dataset=texts', {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: 'a,b\n,\n,\n',
    });
    expect([answer.status, await answer.json()]).toMatchObject([422, { code: 'FILE_HEADER_ONLY' }]);
    const { rows } = await land('texts', 'a,b\n,\n,\n', '&emptyFile=accept');
    expect(rows).toEqual([]);
  });

  it('the header of each page is left out when the sender says so, and counted', async () => {
    const body = 'a,b\n1,2\nA , B\n3,4\n\na,b\n5,6\n';
    const seen = async (id: string): Promise<Json> =>
      (await (await sluice.fetch(`/v1/imports/${id}`)).json()) as Json;
    const { id, rows, errors } = await land('texts', body, '&repeatedHeader=skip');
    expect([rows, errors]).toEqual([
      [
        ['1', '2'],
        ['3', '4'],
        ['5', '6'],
      ],
      [],
    ]);
    expect((await seen(id))['dialect']).toMatchObject({
      repeatedHeader: 'skip',
      repeatedHeaders: 2,
      tableEnd: null,
    });
    const table = await land('texts', body);
    expect((await seen(table.id))['dialect']).toMatchObject({
      repeatedHeader: 'table',
      repeatedHeaders: null,
      tableEnd: { row: 2, line: 3 },
    });
  });

  it('a short record is rejected unless the sender says that it is null, and then required fields are', async () => {
    expect((await land('texts', 'a,b\n1\n')).errors).toMatchObject([{ code: 'missing-cell' }]);
    const { rows, errors } = await land('gaps', 'id,usual,said\n1\n,x\n', '&shortRecords=null');
    expect(rows).toEqual([['1', null, null]]);
    expect(errors).toMatchObject([{ row: 2, column: { name: 'id' }, constraint: 'required' }]);
  });
});

describe('escapes of another dialect than the usual one', () => {
  it('are read again from the bytes that were sent: a small file is looked at before it is kept', async () => {
    const records = [String.raw`'\'x\'';1;1.5;2`, String.raw`'\\\'y';2;2.25;3`];
    const body = ['id;whole;number;german', ...records, ''].join('\n');
    const { rows, errors } = await land('numbers', body, '&quote=%27&escape=%5C');
    expect(errors).toEqual([]);
    expect(rows).toEqual([
      ["'x'", '1', '1.5', '2'],
      ["\\'y", '2', '2.25', '3'],
    ]);
  });
});

describe('a line \\.', () => {
  it('is data, quoted or not, alone or not', async () => {
    const { rows } = await land('texts', 'a,b\n\\.,\\N\n"\\.",x\\.\n\\,\\t\n', '&dialect=csv');
    expect(rows).toEqual([
      ['\\.', '\\N'],
      ['\\.', 'x\\.'],
      ['\\', '\\t'],
    ]);
  });
});

describe('10,000 columns; a cell, a record, a file over its limit', () => {
  it('10,000 columns refuse the file', async () => {
    const header = Array.from({ length: 10_000 }, (_, at) => `c${at}`).join(',');
    expect(await refused(() => send('texts', `${header}\n`))).toMatchObject({
      code: 'FILE_TOO_MANY_COLUMNS',
      columns: 10_000,
      limit: 1000,
      detail: expect.stringContaining('SLUICE_MAX_COLUMNS'),
    });
  });
  it('as many as the limit are read', async () => {
    const cells = (cell: string) => `a${`,${cell}`.repeat(999)}`;
    const { rows } = await land('texts', `${cells('x')}\n${cells('1')}\n`, '&unknownColumns=ignore');
    expect(rows).toEqual([['a', null]]);
  });
  it('a header without end refuses the file', async () => {
    expect(await refused(() => send('texts', 'x'.repeat(500_000)))).toMatchObject({
      code: 'FILE_HEADER_TOO_LONG',
      limitBytes: 65_536,
      detail: expect.stringContaining('SLUICE_MAX_HEADER_BYTES'),
    });
  });
  it.each([
    ['a cell', `"${'x'.repeat(1001)}"`, 'a cell may have at most 1000'],
    ['a cell in bytes, not characters', '山'.repeat(334), 'a cell may have at most 1000'],
    ['a record', 'x'.repeat(6000), 'SLUICE_MAX_RECORD_BYTES'],
    ['an endless line', 'x'.repeat(10_000_000), 'SLUICE_MAX_RECORD_BYTES'],
  ])('%s rejects its record, and those around it land', async (_name, cell, says) => {
    const { rows, errors, result } = await land('texts', `a,b\n1,2\n${cell},y\n3,4\n`);
    expect(rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    expect(errors).toMatchObject([
      { code: 'size-error', row: 2, line: 3, message: expect.stringContaining(says) },
    ]);
    expect(result).toMatchObject({ records: 3, loaded: 2, rejected: 1 });
  });
  it('a quote that closes only behind the limit costs its record, and tells the lines it spans', async () => {
    const { rows, errors } = await land('texts', `a,b\n1,2\n"${'x\n'.repeat(3000)}",y\n3,4\n`);
    expect(rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    expect(errors).toMatchObject([{ row: 2, line: 3, lineEnd: 3003 }]);
  });
  it('more records than may be fail the import before any lands', async () => {
    const most = await column(
      'a',
      Array.from({ length: 3000 }, () => 'x'),
    );
    expect(most).toMatchObject({ status: 'succeeded', result: { loaded: 3000 } });
    const more = await column(
      'a',
      Array.from({ length: 3001 }, () => 'x'),
    );
    expect(more).toMatchObject({
      status: 'failed',
      rows: [],
      error: {
        code: 'too-many-rows',
        message: expect.stringMatching(/3001 records; the limit is 3000 .*SLUICE_MAX_ROWS/),
      },
    });
    const told = (await (await sluice.fetch(`/v1/imports/${more.id}`)).json()) as Json;
    expect(told['counts']).toMatchObject({ records: 3001, loaded: 0, rejected: 0, unprocessed: 3001 });
  });
  it('a file over its limit is refused, whether it says its length or not', async () => {
    const content = `a\n${'x'.repeat(MAX_UPLOAD_BYTES)}`;
    for (const body of [content, new Blob([content]).stream()]) {
      const problem = await refused(() =>
        sluice.fetch('/v1/imports?dataset=texts', {
          method: 'POST',
          headers: { 'content-type': 'text/csv' },
          body,
          duplex: 'half',
        }),
      );
      expect(problem).toMatchObject({
        code: 'UPLOAD_TOO_LARGE',
        limitBytes: MAX_UPLOAD_BYTES,
        detail: expect.stringContaining('SLUICE_MAX_UPLOAD_BYTES'),
      });
    }
  });
});

describe('gzip or zip bomb', () => {
  const bomb = `a,b\n${'x,y\n'.repeat(2_600_000)}`;
  const larger = `a,b\n${'x,y\n'.repeat(3_100_000)}`;
  it.each([
    ['gzip', (text: string) => gzipSync(text)],
    ['ZIP', (text: string) => zip([{ name: 'a.csv', content: text }])],
  ])('%s is refused for its ratio or its size', async (_name, pack) => {
    expect(await refused(() => send('texts', pack(bomb)))).toMatchObject({
      code: 'UPLOAD_INFLATES_TOO_FAR',
      detail: expect.stringContaining('SLUICE_MAX_INFLATE_RATIO'),
    });
    const noise = Buffer.from(
      Array.from({ length: 40_000 }, (_, at) => String((at * 7919) % 104_729)).join('\n'),
    );
    const slow = Buffer.concat([Buffer.from(larger), noise]).toString();
    expect(await refused(() => send('texts', pack(slow)))).toMatchObject({ status: 413 });
  });
  it('packed as it should be, either lands', async () => {
    for (const packed of [gzipSync('a,b\n1,2\n'), zip([{ name: 'x.csv', content: 'a,b\n1,2\n' }])])
      expect((await land('texts', packed)).rows).toEqual([['1', '2']]);
  });
});

describe('=cmd(), +1, -1, @x', () => {
  const cells = ['=cmd()', '+1', '-1', '@x', '\t=x', "'=x"];
  it('are stored as they are', async () => {
    expect((await column('a', cells)).rows.map(([a]) => a)).toEqual(cells);
  });
  it('are guarded in the reject file, but for raw=true, and come back as they were', async () => {
    // Rejected for a cell too long, beside the one looked at.
    const long = 'y'.repeat(1001);
    const { id, rows } = await land('texts', `a,b\n${cells.map((cell) => `${cell},${long}`).join('\n')}\n`);
    expect(rows).toEqual([]);
    const file = async (query = ''): Promise<string> =>
      (await (await sluice.fetch(`/v1/imports/${id}/rejects.csv${query}`)).text()).replaceAll(long, 'short');
    const firstCells = (text: string): (string | undefined)[] =>
      text
        .split('\r\n')
        .slice(1, -1)
        .map((line) => /,([^,]*),short$/.exec(line)?.[1]?.replaceAll('"', ''));
    expect(firstCells(await file())).toEqual(["'=cmd()", "'+1", "'-1", "'@x", "'\t'=x", "''=x"]);
    expect(firstCells(await file('?raw=true'))).toEqual(['=cmd()', '+1', '-1', '@x', '\t=x', "''=x"]);
    expect((await land('texts', await file())).rows.map(([a]) => a)).toEqual(cells);
  });
});

describe('dates', () => {
  const odd = [
    'today',
    'now',
    'infinity',
    '-infinity',
    'epoch',
    'J2451187',
    '12345-01-01',
    '1/1/69',
    '45292',
    '20240101',
    '0000-01-01',
    '2023-02-29',
    '2024-01-01 BC',
    '１/1/2024',
  ];
  it.each(['day', 'any_day'])('%s takes none that only Postgres would read', async (field) => {
    const { rows, errors } = await land(
      'dates',
      `id,${field}\n0,2024-12-31\n${odd.map((text, at) => `${at + 1},${text}`).join('\n')}\n`,
    );
    expect(rows.map(([id]) => id)).toEqual(['0']);
    expect(errors.map(({ code, row, value }) => [code, row, value])).toEqual(
      odd.map((text, at) => ['type-error', at + 2, text]),
    );
  });
  it('at takes none either, with a time or without', async () => {
    const times = [...odd, ...odd.map((text) => `${text} 9:30`), '2024-01-01 24:00', '2024-01-01 allballs'];
    const { rows, errors } = await land(
      'dates',
      `id,at\n0,2024-12-31 9:30\n${times.map((text, at) => `${at + 1},${text}`).join('\n')}\n`,
    );
    expect(rows).toEqual([['0', null, null, '2024-12-31 09:30:00+00']]);
    expect(errors).toHaveLength(times.length);
  });

  it('the year at the end: in the order that the file proves, told by the import', async () => {
    const { rows, imp } = await land(
      'dates',
      'id,any_day,at\n1,01/02/2024,12/31/2024 9:30\n2,31/12/2024,1/2/2024 9:30\n3,2024-02-01,\n',
    );
    expect(rows).toEqual([
      ['1', null, '2024-02-01', '2024-12-31 09:30:00+00'],
      ['2', null, '2024-12-31', '2024-01-02 09:30:00+00'],
      ['3', null, '2024-02-01', null],
    ]);
    expect(imp['columns']).toEqual([
      { header: 'id', field: 'key' },
      { header: 'any_day', field: 'any_day', dateOrder: 'dmy' },
      { header: 'at', field: 'at', dateOrder: 'mdy' },
    ]);
  });
  it('else an answer, not a guess: which column, what its dates could be, and what to send', async () => {
    // Whoever reads only the beginning would have to guess.
    const file = `id,any_day\n${'x,2024-01-01\n'.repeat(2000)}1,01/02/2024\n2,05/05/2024\n`;
    const problem = await refused(() => send('dates', file));
    expect(problem).toMatchObject({
      code: 'DATE_ORDER_AMBIGUOUS',
      status: 422,
      dateOrders: ['dmy', 'mdy', 'ymd'],
      errors: [
        {
          column: { index: 2, name: 'any_day' },
          samples: [{ line: 2002, value: '01/02/2024', dmy: '2024-02-01', mdy: '2024-01-02' }],
        },
      ],
    });
    expect((await land('dates', `${file}3,31/12/2024\n`)).rows.at(-3)).toEqual([
      '1',
      null,
      '2024-02-01',
      null,
    ]);
    expect((await land('dates', file, '&dateOrder=dmy')).rows.at(-2)).toEqual([
      '1',
      null,
      '2024-02-01',
      null,
    ]);
    expect((await land('dates', file, '&dateOrder=mdy')).rows.at(-2)).toEqual([
      '1',
      null,
      '2024-01-02',
      null,
    ]);
    const yearFirst = await land('dates', file, '&dateOrder=ymd');
    expect(yearFirst.rows).toHaveLength(2000);
    expect(yearFirst.errors).toMatchObject([{ line: 2002 }, { line: 2003 }]);
  });
  it('a file that proves both is refused; with an order said, the others are row errors', async () => {
    const file = 'id,any_day\n1,31/12/2024\n2,12/31/2024\n3,01/02/2024\n';
    expect(await refused(() => send('dates', file))).toMatchObject({ code: 'DATE_ORDER_AMBIGUOUS' });
    const { rows, errors } = await land('dates', file, '&dateOrder=mdy');
    expect(rows.map(([id, , day]) => [id, day])).toEqual([
      ['2', '2024-12-31'],
      ['3', '2024-01-02'],
    ]);
    expect(errors).toMatchObject([
      { row: 1, code: 'type-error', message: expect.stringContaining('month first') },
    ]);
  });
  it('an order that is none is refused', async () => {
    expect(await refused(() => send('dates', 'id\n1\n', '&dateOrder=dym'))).toMatchObject({
      status: 400,
      option: 'dateOrder',
    });
  });
});

describe('numbers', () => {
  const good = '9007199254740993';
  it.each([
    [
      'whole',
      [
        'NaN',
        '1e400',
        '1e3',
        '1.0',
        '9223372036854775808',
        '1,5',
        '1,234',
        '٣',
        '１',
        '0x10',
        '1_000',
        ' 1',
        'Infinity',
        '--1',
        '',
      ],
    ],
    [
      'number',
      [
        'NaN',
        'Infinity',
        '-inf',
        '1e1001',
        '1,5',
        '1,234',
        '1.234,5',
        '1 234',
        "1'234",
        '٣',
        '１.5',
        '0x10',
        '1_000',
        '.',
        'e5',
        '',
      ],
    ],
    ['german', ['NaN', '1.5', '1.23', '1,234.5', '12.34,5', '1,5,0', '٣', '']],
  ])('%s takes none that a float or a guess would', async (field, cells) => {
    const { rows, errors } = await land(
      'numbers',
      `id,${field}\n0,${good}\n${cells.map((text, at) => `${at + 1},"${text}"`).join('\n')}\n`,
    );
    // An empty cell is null.
    expect(rows.map(([id]) => id)).toEqual(['0', String(cells.length)]);
    expect(errors.map(({ code, value }) => [code, value])).toEqual(
      cells.slice(0, -1).map((text) => ['type-error', text]),
    );
  });
  it('are exact, whatever their length', async () => {
    const exact = [good, '-9007199254740993', '9223372036854775807'];
    const { rows } = await land(
      'numbers',
      `id,whole,number\n${exact.map((text, at) => `${at},${text},${text}.${'0123456789'.repeat(9)}1`).join('\n')}\n`,
    );
    expect(rows.map(([, whole, number]) => [whole, number])).toEqual(
      exact.map((text) => [text, `${text}.${'0123456789'.repeat(9)}1`]),
    );
    const large = await land('numbers', 'id,number,german\n1,1e400,"1.234.567,89"\n2,-0.1e-20,"1234,5"\n');
    expect(large.rows).toEqual([
      ['1', null, `1${'0'.repeat(400)}`, '1234567.89'],
      ['2', null, '-0.000000000000000000001', '1234.5'],
    ]);
  });
  it.each(['id;number\n1;1.234\n2;0,5\n', 'id,number\n1,1.234\n2,"0,5"\n'])(
    'that a decimal comma would make others are an answer, not a guess: %j',
    async (file) => {
      expect(await refused(() => send('numbers', file))).toMatchObject({
        code: 'NUMBER_NOTATION_AMBIGUOUS',
        status: 422,
        errors: [{ column: { index: 2, name: 'number' }, samples: [{ value: '0,5' }, { value: '1.234' }] }],
      });
      const comma = await land('numbers', file, '&decimalChar=,&groupChar=.');
      expect(comma.rows.map(([, , number]) => number)).toEqual(['1234', '0.5']);
      const point = await land('numbers', file, '&decimalChar=.');
      expect(point.rows.map(([, , number]) => number)).toEqual(['1.234']);
      expect(point.errors).toMatchObject([{ row: 2, value: '0,5' }]);
    },
  );
  it('are read with the characters that the upload says, where the dataset says none', async () => {
    const file = 'id;whole;number;german\n1;1.234;1.234,5;1.234,5\n2;5;0,5;0,5\n3;6;1.5;1.5\n';
    const said = await land('numbers', file, '&decimalChar=,&groupChar=.');
    expect(said.rows).toEqual([
      ['1', '1234', '1234.5', '1234.5'],
      ['2', '5', '0.5', '0.5'],
    ]);
    expect(said.errors.map(({ row }) => row)).toEqual([3, 3]);
    expect(said.imp['columns']).toMatchObject([
      { header: 'id' },
      { header: 'whole', groupChar: '.' },
      { header: 'number', decimalChar: ',', groupChar: '.' },
      { header: 'german' },
    ]);
    // Without groupChar a group is no number, and is never taken for a fraction.
    const comma = await land('numbers', 'id;number\n1;1,234\n2;1.234\n', '&decimalChar=,');
    expect(comma.rows).toEqual([['1', null, '1.234', null]]);
    expect(comma.errors).toMatchObject([{ row: 2, value: '1.234' }]);
    const space = await land('numbers', 'id,number\n1,1 234.5\n', '&groupChar=space');
    expect(space.rows).toEqual([['1', null, '1234.5', null]]);
    const negative = await land(
      'numbers',
      'id;whole;number\n1;(5);5.00 DR\n2;5-;−5\n',
      '&negative=parentheses,drcr,unicode-minus',
    );
    expect(negative.rows).toEqual([['1', '-5', '-5.00', null]]);
    expect(negative.errors).toMatchObject([{ row: 2, value: '5-' }]);
    for (const query of [
      '&decimalChar=;',
      '&groupChar=.',
      '&negative=minus',
      '&groupChar=5',
      '&decimalChar=,&groupChar=,',
    ])
      expect(await refused(() => send('numbers', 'id\n1\n', query))).toMatchObject({ status: 400 });
  });
});

describe('times without an offset', () => {
  it('are UTC, or of the time zone that the upload says', async () => {
    const file =
      'id,at\n1,2024-07-31 13:45\n2,2024-03-31 02:30\n3,2024-10-27 02:30\n4,9999-12-31 23:59 -12:00\n';
    const utc = await land('dates', file);
    expect(utc.rows.map((row) => row[3])).toEqual([
      '2024-07-31 13:45:00+00',
      '2024-03-31 02:30:00+00',
      '2024-10-27 02:30:00+00',
    ]);
    expect(utc.errors).toMatchObject([{ row: 4, message: expect.stringContaining('years 0001 to 9999') }]);
    const berlin = await land('dates', file, '&timeZone=Europe/Berlin');
    expect(berlin.rows.map((row) => row[3])).toEqual(['2024-07-31 11:45:00+00']);
    expect(berlin.errors).toMatchObject([
      { row: 2, message: expect.stringContaining('no clock in Europe/Berlin showed') },
      { row: 3, message: expect.stringContaining('showed twice') },
      { row: 4 },
    ]);
    expect(berlin.imp['columns']).toMatchObject([{ header: 'id' }, { timeZone: 'Europe/Berlin' }]);
    const later = await land('dates', file, '&timeZone=Europe/Berlin&timeZoneOverlap=later');
    expect(later.rows.map((row) => row[3])).toEqual(['2024-07-31 11:45:00+00', '2024-10-27 01:30:00+00']);
    expect(await refused(() => send('dates', file, '&timeZone=CET'))).toMatchObject({ option: 'timeZone' });
  });

  it('and years of two digits are read as the upload says', async () => {
    const short = await land('dates', 'id,any_day\n1,31.12.49\n', '&dateOrder=dmy&pivotYear=1950');
    expect(short.rows.map((row) => row[2])).toEqual(['2049-12-31']);
    expect(short.imp['columns']).toMatchObject([{ header: 'id' }, { dateOrder: 'dmy', pivotYear: 1950 }]);
  });
});

describe('leading zeros, NA, null, "" and an unquoted empty cell', () => {
  it('stay text; missingValues say what is null', async () => {
    const texts = ['007', '1E5', 'NA', 'null', 'NULL', 'N/A', '-', 'true', ' x ', '1.0', '""', ''];
    const { rows } = await land(
      'gaps',
      `id,usual,said\n${texts.map((text, at) => `${at},${text},${text}`).join('\n')}\n`,
    );
    const cells = texts.map((text) => (text === '""' ? '' : text));
    expect(rows.map(([, usual]) => usual)).toEqual(cells.map((text) => (text === '' ? null : text)));
    expect(rows.map(([, , said]) => said)).toEqual(
      cells.map((text) => (text === 'NA' || text === 'null' ? null : text)),
    );
  });
});

describe('multipart', () => {
  const file = { name: 'file', fileName: 'a.csv', content: 'a,b\n1,2\n' };
  const option = { name: 'dataset', content: 'texts' };
  const post = (body: Buffer, type = FORM['content-type']): Promise<Response> =>
    sluice.fetch('/v1/imports', { method: 'POST', headers: { 'content-type': type }, body });

  it('a part without a content type is taken', async () => {
    const answer = await post(form([option, file]));
    expect(answer.status).toBe(202);
    expect(await sluice.ended(((await answer.json()) as { id: string }).id)).toMatchObject({
      status: 'succeeded',
    });
  });
  it.each<[string, Buffer, string]>([
    ['no file name', form([option, { name: 'file', content: file.content }]), 'UPLOAD_NO_FILE'],
    ['no file', form([option]), 'UPLOAD_NO_FILE'],
    [
      'many fields',
      form([...Array.from({ length: 100 }, (_, at) => ({ name: `x${at}`, content: '' })), file]),
      'UPLOAD_UNKNOWN_OPTION',
    ],
    [
      'options after the file',
      form([option, file, { name: 'delimiter', content: ',' }]),
      'UPLOAD_FIELD_AFTER_FILE',
    ],
    ['an option twice', form([option, option, file]), 'INVALID_REQUEST'],
    [
      'an option that is none',
      form([option, { name: 'delimeter', content: ',' }, file]),
      'UPLOAD_UNKNOWN_OPTION',
    ],
    ['two files', form([option, file, file]), 'UPLOAD_TWO_FILES'],
    ['a file in another part', form([option, { ...file, name: 'upload' }]), 'UPLOAD_NO_FILE'],
    ['no end', form([option, file], ''), 'UPLOAD_TRUNCATED'],
    ['an end within the file', form([option, file], '').subarray(0, -8), 'UPLOAD_TRUNCATED'],
    ['nothing', Buffer.alloc(0), 'UPLOAD_NO_FILE'],
  ])('with %s is refused', async (_what, body, code) => {
    const problem = await refused(() => post(body));
    expect(problem).toMatchObject({ code, status: 400 });
  });
  it.each([
    ['another boundary', 'multipart/form-data; boundary=other'],
    ['no boundary', 'multipart/form-data'],
  ])('with %s is refused', async (_what, type) => {
    expect(await refused(() => post(form([option, file]), type))).toMatchObject({ status: 400 });
  });
  it('cut off with its connection leaves nothing', async () => {
    const before = await kept();
    const { hostname, port } = new URL(sluice.url);
    const body = form([option, { ...file, content: `a,b\n${'1,2\n'.repeat(50_000)}` }]);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.write(
      `POST /v1/imports HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${sluice.key}\r\ncontent-type: multipart/form-data; boundary=${BOUNDARY}\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.write(body.subarray(0, -100), resolve));
    socket.end();
    const answer: Buffer[] = [];
    for await (const chunk of socket) answer.push(chunk as Buffer);
    expect(Buffer.concat(answer).toString()).toMatch(/^(HTTP\/1\.1 400|$)/);
    await expect.poll(kept).toEqual(before);
  });
});

describe('file names', () => {
  it.each([
    ['a path upwards', '../../x.csv', '../../x.csv'],
    ['a path of Windows', 'C:\\Users\\x.csv', 'C:\\Users\\x.csv'],
    ['a path from the root', '/etc/passwd', '/etc/passwd'],
    ['control and direction characters', 'a\u0000b\u001b[31m\u202ecsv', 'ab[31mcsv'],
    ['markup', '<script>alert(1)</script>.csv', '<script>alert(1)</script>.csv'],
    ['Japanese', '名簿.csv', '名簿.csv'],
    ['5,000 characters', 'x'.repeat(5000), 'x'.repeat(255)],
    ['nothing that can be seen', '\u0007', null],
  ])('%s is text, cleaned, and no path', async (_what, name, shown) => {
    const { imp } = await land('texts', 'a\n1\n', `&fileName=${encodeURIComponent(name)}`);
    expect(imp).toMatchObject({ fileName: shown });
    const files = await readdir(sluice.folder, { recursive: true });
    expect(files.filter((path) => /passwd|script|Users|x\.csv|xxx/.test(path))).toEqual([]);
  });
  it('of a form likewise', async () => {
    const file = { name: 'file', fileName: '../../<b>x.csv', content: 'a\n1\n' };
    const body = form([{ name: 'dataset', content: 'texts' }, file]);
    const answer = await sluice.fetch('/v1/imports', { method: 'POST', headers: FORM, body });
    expect(await answer.json()).toMatchObject({ fileName: '<b>x.csv' });
    expect(answer.headers.get('content-type')).toContain('application/json');
  });
});
