// Files as people send them, from upload to table: each record stands there exact, or was reported with its line.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RawUploadOptions } from '../../../src/intake/upload-options.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { findImport } from '../../../src/db/imports/imports.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { listRejectKeys } from '../../../src/db/imports/chunks.ts';
import { readRejects } from '../../../src/storage/reject-parts.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';

const PARTS: Dataset = {
  name: 'parts',
  schema: {
    fields: [
      { name: 'no', type: 'string', title: 'No.' },
      { name: 'item', type: 'string', title: 'Item' },
      { name: 'size', type: 'string', title: 'Size' },
    ],
  },
  target: { table: 'parts' },
};

let database: TestDatabase;
let folder: string;
let slot: TestSlot;

beforeAll(async () => {
  // Many chunks of each file.
  const fresh = await freshSlot([PARTS], { chunkBytes: 16 });
  ({ database, folder, slot } = fresh);
  return fresh.close;
});
beforeEach(() => database.pool.query('TRUNCATE parts'));

/** Rejected records as `code line` or `code line..lineEnd`. */
async function load(file: string, options: RawUploadOptions) {
  const id = await addImport(slot, PARTS, file, options);
  await runImport(slot, id);
  const { rows } = await database.pool.query<{ cells: string[] }>(
    'SELECT ARRAY[no, item, size] AS cells FROM parts WHERE import_id = $1 ORDER BY import_row',
    [id],
  );
  const { errors } = await listRowErrors(slot.db, id, {}, { limit: 100 });
  const { dialect, records } = (await findImport(slot.db, id))!;
  return {
    landed: rows.map(({ cells }) => cells.map((cell) => cell ?? '').join(' ¦ ')),
    rejected: errors.map(
      ({ code, line, lineEnd }) => `${code} ${line}${lineEnd === undefined ? '' : `..${lineEnd}`}`,
    ),
    dialect,
    records,
  };
}

type Case = [name: string, file: string, landed: string[], rejected: string[], options?: RawUploadOptions];
const H = 'No.,Item,Size\n';

const CASES: Case[] = [
  [
    'an unclosed quote costs its own record',
    `${H}1,a,x\n2,"b,y\n3,c,z\n4,d,w\n`,
    ['1 ¦ a ¦ x', '3 ¦ c ¦ z', '4 ¦ d ¦ w'],
    ['quote-error 3'],
  ],
  ['text after a closing quote', `${H}1,"a"b,x\n2,c,y\n`, ['2 ¦ c ¦ y'], ['quote-error 2']],
  [
    'a quote inside an unquoted cell is text',
    `${H}1,5" pipe,6" x\n2,c,y\n`,
    ['1 ¦ 5" pipe ¦ 6" x', '2 ¦ c ¦ y'],
    [],
  ],
  [
    'a delimiter lost before a quoted cell',
    `${H}1,a,x\n2"b, c",y\n3,d,z\n`,
    ['1 ¦ a ¦ x', '3 ¦ d ¦ z'],
    ['quote-error 3'],
  ],
  [
    'ragged records, notes and totals',
    `${H}1,a\n2,b,y,\n3,c,z\nTotal: 3\n`,
    ['3 ¦ c ¦ z'],
    ['missing-cell 2', 'extra-cell 3', 'table-error 5'],
  ],
  ['blank lines are none, and lines count on', `${H}\n1,a,x\n\r\n2,b\n`, ['1 ¦ a ¦ x'], ['missing-cell 5']],
  ['mixed line ends', 'No.,Item,Size\r\n1,a,x\n2,b,y\r3,c,z', ['1 ¦ a ¦ x', '2 ¦ b ¦ y', '3 ¦ c ¦ z'], []],
  [
    'a lone CR in a cell of a CRLF file',
    'No.,Item,Size\r\n1,a,x\r\nb\rc,y,z\r\n2,d,v\r\n',
    ['1 ¦ a ¦ x', '2 ¦ d ¦ v'],
    ['quote-error 3..4'],
  ],
  [
    'a cell of several lines whose delimiter was lost',
    `${H}6,a,x\n7,Smith"1 Main St, Springfield\nUSA, Earth, Sol"\n8,b,y\n`,
    ['6 ¦ a ¦ x', '8 ¦ b ¦ y'],
    ['quote-error 3..4'],
  ],
  [
    'two stray quotes far apart',
    `${H}1,"a,x\n${'2,b,y\n'.repeat(40)}3,c",z\n4,d,v\n`,
    [...Array.from({ length: 40 }, () => '2 ¦ b ¦ y'), '4 ¦ d ¦ v'],
    ['quote-error 2', 'quote-error 43'],
  ],
  ['a line \\. is data', `${H}\\.,\\N2,x\n`, ['\\. ¦ \\N2 ¦ x'], []],
  ['a header of two lines', `${H}${H}1,a,x\n`, ['1 ¦ a ¦ x'], ['table-error 2']],
  [
    'two tables',
    `${H}1,a,x\n${H}2,b,y\n3,"c\n",z\n`,
    ['1 ¦ a ¦ x'],
    ['table-error 3', 'table-error 4', 'table-error 5..6'],
  ],
  [
    'the header again by other names of the dataset',
    `${H}1,a,x\n#no,item,size\n2,b,y\n`,
    ['1 ¦ a ¦ x'],
    ['table-error 3', 'table-error 4'],
  ],
  [
    'another table below a blank line',
    `${H}1,a,5\n2,b,6\n\nCity,Land,People\nRome,IT,3\n`,
    ['1 ¦ a ¦ 5', '2 ¦ b ¦ 6'],
    ['table-error 5', 'table-error 6'],
  ],
  [
    'another table below a total, which is no record',
    `${H}1,a,5\n2,b,6\nTotal,,11\nCity,Land,People\nRome,IT,3\n`,
    ['1 ¦ a ¦ 5', '2 ¦ b ¦ 6'],
    ['table-error 4', 'table-error 5', 'table-error 6'],
  ],
  [
    'notes below an empty record, as wide as the table',
    `${H}1,a,5\n2,b,6\n,,\n"Rounded, see annex",,\n* provisional,,\n`,
    ['1 ¦ a ¦ 5', '2 ¦ b ¦ 6'],
    ['table-error 5', 'table-error 6'],
  ],
  [
    'notes below a blank line',
    `${H}1,a,5\n2,b,6\n\nAll prices in euro,,\n,,\nCall us: 555,,\n`,
    ['1 ¦ a ¦ 5', '2 ¦ b ¦ 6'],
    ['table-error 5', 'table-error 7'],
  ],
  [
    'notes that fill the table in quotes, in a file of CRLF',
    'No.,Item,Size\r\n1,a,5\r\n\r\n"Source: the office","",""\r\n',
    ['1 ¦ a ¦ 5'],
    ['table-error 4'],
  ],
  [
    'what is printed at the foot of a page, and who made the report',
    `${H}1,a,5\n2,b,6\nPage 2 of 2,,\nPrinted on 2024-01-05 by Ann,,\n`,
    ['1 ¦ a ¦ 5', '2 ¦ b ¦ 6'],
    ['table-error 4', 'table-error 5'],
  ],
  ['the foot of a page in Japanese', `${H}1,a,5\n第2頁／全2頁,,\n`, ['1 ¦ a ¦ 5'], ['table-error 3']],
  [
    'no notes: records with more than one value follow the empty one, or one value is a word',
    `${H}1,a,5\n,,\nSee below,,\n2,b,6\n\nc,,\n`,
    ['1 ¦ a ¦ 5', 'See below ¦  ¦ ', '2 ¦ b ¦ 6', 'c ¦  ¦ '],
    [],
  ],
  [
    'no notes: no record above has several values',
    `${H}a,,\n\nSee below,,\n`,
    ['a ¦  ¦ ', 'See below ¦  ¦ '],
    [],
  ],
  [
    'notes that are records by declaration',
    `${H}1,a,5\n,,\nSee the annex,,\n`,
    ['1 ¦ a ¦ 5', 'See the annex ¦  ¦ '],
    [],
    { skipFooter: '0' },
  ],
  [
    'records without a value, which are left out wherever they stand',
    `No.,Item,Size\n,,\n1,a,x\n,,\n,\n"",,\n , ,\n2,b,"y\n,,\n"\n,,,\n3,c,z\n`,
    ['1 ¦ a ¦ x', ' ¦  ¦ ', '  ¦   ¦ ', '2 ¦ b ¦ y\n,,\n', '3 ¦ c ¦ z'],
    [],
  ],
  [
    'records without a value that are to be kept',
    `${H}1,a,x\n,,\n2,b,y\n`,
    ['1 ¦ a ¦ x', ' ¦  ¦ ', '2 ¦ b ¦ y'],
    [],
    { emptyRecords: 'keep' },
  ],
  [
    'records without a value, with other line ends and delimiters, below odd quotes',
    'No.|~Item|~Size\r\n1|~5" x|~y\r\n|~|~\r2|~b|~z\n',
    ['1 ¦ 5" x ¦ y', ' ¦  ¦ ', '2 ¦ b ¦ z'],
    [],
    { delimiter: '|~' },
  ],
  [
    'a total without a word',
    `${H}1,a,1.5\n2,b,2\n3,c,-0.25\n,,3.25\n,,\n`,
    ['1 ¦ a ¦ 1.5', '2 ¦ b ¦ 2', '3 ¦ c ¦ -0.25'],
    ['table-error 5'],
  ],
  [
    'a total without a word above a note, and of the first column',
    `Size,No.,Item\n10,1,a\n20,2,b\n30,,\n\n"All in cm, rounded",,\n`,
    ['1 ¦ a ¦ 10', '2 ¦ b ¦ 20'],
    ['table-error 4', 'table-error 6'],
  ],
  [
    'no total: another number, a column that others leave empty too, one number above, or said so',
    `${H}1,a,1.5\n2,b,2\n,c,3.5\n`,
    ['1 ¦ a ¦ 1.5', '2 ¦ b ¦ 2', ' ¦ c ¦ 3.5'],
    [],
  ],
  ['no total: not the sum', `${H}1,a,1.5\n2,b,2\n,,4\n`, ['1 ¦ a ¦ 1.5', '2 ¦ b ¦ 2', ' ¦  ¦ 4'], []],
  ['no total: others lack it too', `${H}1,,2\n,,2\n,,4\n`, ['1 ¦  ¦ 2', ' ¦  ¦ 2', ' ¦  ¦ 4'], []],
  [
    'a total that is a record by declaration',
    `${H}1,a,1.5\n2,b,2\n,,3.5\n`,
    ['1 ¦ a ¦ 1.5', '2 ¦ b ¦ 2', ' ¦  ¦ 3.5'],
    [],
    { skipFooter: '0' },
  ],
  [
    'the header again but for its first name',
    `${H}1,a,x\nNr,Item,Size\n2,b,y\n`,
    ['1 ¦ a ¦ x'],
    ['table-error 3', 'table-error 4'],
  ],
  [
    'the header again in quotes and capitals, but for its first name',
    `${H}1,a,x\n"Nr.","ITEM","SIZE"\n2,b,y\n`,
    ['1 ¦ a ¦ x'],
    ['table-error 3', 'table-error 4'],
  ],
  [
    'no header: a value in the place of the first name',
    `${H}1,a,x\n5,Item,Size\n2,b,y\n`,
    ['1 ¦ a ¦ x', '5 ¦ Item ¦ Size', '2 ¦ b ¦ y'],
    [],
  ],
  [
    'a header where there should be none',
    `1,a,x\n${H}2,b,y\n`,
    ['1 ¦ a ¦ x'],
    ['table-error 2', 'table-error 3'],
    { header: 'false' },
  ],
  ['spaces between cells', 'No. Item Size\n1 "a b" x\n', ['1 ¦ a b ¦ x'], []],
  ['a space behind each comma', 'No., Item, Size\n1, "a, b", x\n', ['1 ¦ a, b ¦ x'], []],
  [
    'blanks behind some commas, left out',
    'No.,Item, Size\n1,"a", x\n2, "b, c",y\n',
    ['1 ¦ a ¦ x', '2 ¦ b, c ¦ y'],
    [],
    { skipInitialSpace: 'true' },
  ],
  [
    'a delimiter at the end of each line, and a value behind one of them',
    `No.,Item,Size,\n${'1,a,x,\n'.repeat(501)}2,b,y,z\n`,
    Array.from({ length: 501 }, () => '1 ¦ a ¦ x'),
    ['extra-cell 503'],
  ],
  ['units below the header', `${H}-,-,cm\n1,a,x\n`, ['1 ¦ a ¦ x'], [], { skipAfterHeader: '1' }],
  ['apostrophes as quotes', "No.,'Item','Size'\n1,'a, b','it''s'\n", ["1 ¦ a, b ¦ it's"], []],
  ['apostrophes as quotes, given', "No.,Item,Size\n1,'a','x'\n", ['1 ¦ a ¦ x'], [], { quote: "'" }],
  ['no quotes, given', `${H}1,"a","x\n`, ['1 ¦ "a" ¦ "x'], [], { quote: 'none' }],
  ['backslashes', `${H}1,"a \\"b\\", c",x\n2,"C:\\\\d\\n",y\n`, ['1 ¦ a "b", c ¦ x', '2 ¦ C:\\d\\n ¦ y'], []],
  ['backslashes, given', `${H}1,"a \\"b\\"\n",x\n`, ['1 ¦ a "b"\n ¦ x'], [], { escape: 'backslash' }],
  ['comments', `# list "x\n${H}# 1,a,x\n2,#b,y\n`, ['2 ¦ #b ¦ y'], [], { comment: '#' }],
  [
    'another escape and two bytes between cells',
    `No.|~Item|~Size\n1|~'a"'b'|~x\n`,
    ["1 ¦ a'b ¦ x"],
    [],
    { delimiter: '|~', quote: "'", escape: '"' },
  ],
];

describe('a polluted file', () => {
  it.each(CASES)('%s', async (_name, file, landed, rejected, options = {}) => {
    expect(await load(file, options)).toMatchObject({
      landed,
      rejected,
      records: landed.length + rejected.length,
    });
  });

  it('tells how it was read, and where its table ended', async () => {
    const { dialect } = await load(`${H}1,a,x\r\n${H}`, { escape: 'doubled' });
    expect(dialect).toEqual({
      delimiter: ',',
      quote: '"',
      escape: '"',
      comment: null,
      header: true,
      skipLines: 0,
      emptyRecords: 'skip',
      lineEnd: 'mixed',
      otherNames: [['no'], [], []],
      tableEnd: { row: 2, line: 3 },
    });
  });

  it('of nothing but broken records costs no more chunks and reads than another', async () => {
    const kinds = [`"a"b,x,y`, `"a"b`, `1,"a"b,"c"d,e`];
    const lines = Array.from({ length: 30_000 }, (_, at) => kinds[at % 3]!);
    const own = await openSlot(database.url, folder);
    let reads = 0;
    const counted: TestSlot = {
      ...own,
      storage: {
        ...own.storage,
        readBytes(...asked) {
          reads++;
          return own.storage.readBytes(...asked);
        },
      },
    };
    try {
      const id = await addImport(own, PARTS, `${H}1,a,x\n${lines.join('\n')}\n`);
      await runImport(counted, id);
      const chunks = await database.pool.query(
        'SELECT records, loaded, rejected, length(broken::text) < 100 AS small FROM sluice.import_chunks WHERE import_id = $1',
        [id],
      );
      expect(chunks.rows).toEqual([{ records: 30_001, loaded: 1, rejected: 30_000, small: true }]);
      expect(reads).toBeLessThan(10);
      const found: [number, number | undefined, string][] = [];
      for (const key of await listRejectKeys(own.db, id))
        for await (const { row, line, cells } of readRejects(own.storage, key))
          found.push([row, line, cells.join(',')]);
      expect(found).toEqual(lines.map((text, at) => [at + 2, at + 3, text]));
    } finally {
      await own.close();
    }
  });
});
