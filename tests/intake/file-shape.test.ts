// Questions that are asked once for a file, before any of its records is read.
import { describe, expect, it } from 'vitest';
import { readPreamble } from '../../src/core/csv/dialect/preamble.ts';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { AppError } from '../../src/errors.ts';
import { readShape, type FileShape } from '../../src/intake/file-shape.ts';
import { readOptions, type RawUploadOptions } from '../../src/intake/upload-options.ts';

const PEOPLE: Dataset = {
  name: 'people',
  schema: {
    fields: [
      { name: 'id', type: 'integer' },
      { name: 'name', type: 'string' },
      { name: 'city', type: 'string', normalize: ['trim'] },
    ],
  },
  target: { table: 'people' },
};
const LIMITS = { maxHeaderBytes: 10_000, maxColumns: 100 };

async function shapeOf(text: string, options: RawUploadOptions = {}, dataset = PEOPLE): Promise<FileShape> {
  const head = Buffer.from(text);
  const read = readOptions({ dataset: 'people', ...options });
  return readShape(head, true, readPreamble(head, true, read), dataset, read, LIMITS, async () => undefined);
}

async function refusal(text: string, options: RawUploadOptions = {}, dataset = PEOPLE): Promise<AppError> {
  const error: unknown = await shapeOf(text, options, dataset).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error('The file is taken', { cause: error });
  return error;
}

describe('blanks behind delimiters', () => {
  it.each([
    ['in header and records', 'id, name\n1, Ann\n'],
    ['in the records alone', 'id,name\n1, Ann\n2, Bob\n3, Cy\n'],
    ['in all columns', 'id, name, city\n1, Ann, Rome\n2, , Paris\n3, Cy, Oslo\n'],
  ])('are asked about: %s', async (_name, text) => {
    const error = await refusal(text);
    expect(error.code).toBe('FILE_DIALECT');
    expect(error.message).toContain('skipInitialSpace=true');
    const [without, kept] = error.params['candidates'] as Record<string, string[]>[];
    expect(without).toMatchObject({ skipInitialSpace: true, delimiter: ',' });
    expect(without!['firstRecord']!.slice(0, 2)).toEqual(['1', 'Ann']);
    expect(kept).toMatchObject({ skipInitialSpace: false });
    expect(kept!['firstRecord']!.slice(0, 2)).toEqual(['1', ' Ann']);
  });

  it('are asked about where they would make each number a row error', async () => {
    expect((await refusal('name, id\nAnn, 1\nBob, 2\n')).message).toContain('skipInitialSpace=true');
  });

  it('are asked about where header and records begin with one', async () => {
    const error = await refusal('  name,id\n  Ann,1\n  Bob,2\n');
    expect([error.code, error.message]).toEqual([
      'FILE_DIALECT',
      expect.stringMatching(/^The lines of this file begin with a blank\..*skipInitialSpace=true/),
    ]);
    const [without, kept] = error.params['candidates'] as Record<string, string[]>[];
    expect([without!['firstRecord'], kept!['firstRecord']]).toEqual([
      ['Ann', '1'],
      ['  Ann', '1'],
    ]);
  });

  it('are asked about without a header, too', async () => {
    expect((await refusal('1, Ann, Rome\n2, Bob, Oslo\n3, Cy, Bonn\n', { header: 'false' })).code).toBe(
      'FILE_DIALECT',
    );
  });

  it('are left out or kept, as the sender says', async () => {
    const text = 'id, name\n1, Ann\n2, Bob\n3, Cy\n';
    expect((await shapeOf(text, { skipInitialSpace: 'true' })).dialect.skipInitialSpace).toBe(true);
    expect((await shapeOf(text, { skipInitialSpace: 'false' })).dialect.skipInitialSpace).toBeUndefined();
  });

  it.each([
    ['a field that trims', 'id, city\n1, Rome\n2, Oslo\n3, Bonn\n'],
    ['some cells only', 'id,name\n1, Ann\n2,Bob\n3, Cy\n'],
    ['two records without a blank in the header', 'id,name\n1, Ann\n2, Bob\n'],
    ['quoted ones', 'id,name\n1," Ann"\n2," Bob"\n3," Cy"\n'],
    ['an indented first column below a header that is not', 'name,id\n  Ann,1\n  Bob,2\n  Cy,3\n'],
    ['an indented header alone', '  name,id\nAnn,1\nBob,2\nCy,3\n'],
  ])('are no question: %s', async (_name, text) => {
    expect((await shapeOf(text)).dialect.delimiter).toBe(',');
  });
});

describe('cells that are filled up with blanks below a header that is', () => {
  it.each([
    ['all of them', 'id,name ,city\n1,Ann ,Rome\n2,Bob ,Oslo\n'],
    ['but for the longest', 'id;name   \n1;Ann    \n2;Bob    \n3;Theresa\n'],
    ['with blanks of another kind', 'id;\u00a0name\n1;\u00a0Ann\n'],
    ['of a number', 'name;id \nAnn;1 \nBob;2 \n'],
  ])('are asked about: %s', async (_name, text) => {
    const error = await refusal(text);
    expect([error.code, error.message]).toEqual(['FILE_DIALECT', expect.stringContaining('trim=true')]);
    expect(error.params['candidates']).toMatchObject([{ trim: true }, { trim: false }]);
    for (const trim of ['true', 'false'])
      expect((await shapeOf(text, { trim })).columns.map(({ header }) => header.trim())).toContain('name');
  });

  it.each([
    ['a blank in the header alone', 'id,name \n1,Ann\n2,Bob\n'],
    ['blanks in the cells alone', 'id,name\n1,Ann \n2,Bob \n'],
    ['few of them', 'id,name \n1,Ann \n2,Bob\n3,Cy\n'],
    ['a field that trims', 'id,city \n1,Rome \n2,Oslo \n'],
  ])('are no question: %s', async (_name, text) => {
    expect((await shapeOf(text)).dialect.delimiter).toBe(',');
  });
});

describe('a header and records of two delimiters', () => {
  it('are a question: one line does not outweigh the others', async () => {
    const error = await refusal(`id,name\n${'1;Ann\n'.repeat(40)}`);
    expect(error.code).toBe('FILE_DIALECT');
    expect(error.message).toContain(
      'The header (line 1) is divided by ",", and the first 40 records by ";".',
    );
    expect(error.params['candidates']).toMatchObject([
      { delimiter: ';', header: false, skipLines: 1, columns: 2, firstRecord: ['1', 'Ann'] },
      { delimiter: ',', columns: 2, firstRecord: ['1;Ann'] },
    ]);
  });

  it('can be sent as the answer says, or as they are', async () => {
    const text = 'id,name,city\n1;Ann;Rome\n2;Bob;Oslo\n';
    const answer = { delimiter: ';', header: 'false', skipLines: '1' };
    expect((await shapeOf(text, answer)).columns.map(({ header }) => header)).toEqual(['id', 'name', 'city']);
    expect((await shapeOf(text, { delimiter: ',' })).columns).toHaveLength(3);
  });
});

describe('a header that is shorter than its records', () => {
  it('is declined at once, with what may be wrong', async () => {
    const error = await refusal('id,name\n1,1,Ann\n2,2,Bob\n3,3,Cy\n');
    expect(error).toMatchObject({
      code: 'FILE_HEADER_SHORT',
      params: { line: 1, columns: 2, recordColumns: 3 },
    });
    expect(error.message).toContain('each of the first 3 records has 3');
    expect((await refusal('id,name\n1,Ann,\n2,Bob,\n')).message).toContain('end with a delimiter');
  });

  it('is not to blame where blanks before the quotes cut the cells into more', async () => {
    const text = 'id,name\n"1", "Lee, Ann"\n"2", "Ray, Bob"\n';
    const error = await refusal(text);
    expect(error.code).toBe('FILE_DIALECT');
    expect(error.params['candidates']).toMatchObject([
      { skipInitialSpace: true, columns: 2, firstRecord: ['1', 'Lee, Ann'] },
      { skipInitialSpace: false, columns: 3 },
    ]);
    expect((await shapeOf(text, { skipInitialSpace: 'true' })).columns).toHaveLength(2);
    expect((await refusal(text, { skipInitialSpace: 'false' })).code).toBe('FILE_HEADER_SHORT');
  });

  it('is taken when a record has its width', async () => {
    expect((await shapeOf('id,name\n1,Ann,x\n2,Bob\n')).columns).toHaveLength(2);
  });
});

describe('lines right below the header', () => {
  const records = '1,23,Rome\n2,45,Oslo\n3,67,Bonn\n4,89,Bern\n';
  const TEXTS: Dataset = {
    ...PEOPLE,
    schema: { fields: PEOPLE.schema.fields.map((field) => ({ ...field, type: 'string' })) },
  };

  it('that are the questions of a survey are a question, also where all columns are text', async () => {
    const ids = '"{""ImportId"":""Q1""}","{""ImportId"":""Q2""}","{""ImportId"":""Q3""}"\n';
    const questions = 'Your number?,"Your name, please?",Which city?\n';
    const survey = await refusal(`id,name,city\n${questions}${ids}A,Ann,Rome\n`, {}, TEXTS);
    expect([survey.code, survey.message]).toEqual([
      'FILE_DIALECT',
      expect.stringContaining('skipAfterHeader=2'),
    ]);
    const asked = await refusal(`id,name,city\n${questions}A,Ann,Rome\n`, {}, TEXTS);
    expect(asked.message).toContain('skipAfterHeader=1');
    // In a column of numbers they are errors by themselves; and a file may be about questions.
    await shapeOf(`id,name,city\n${questions}1,Ann,Rome\n`);
    await shapeOf('id,name,city\na?,b?,c?\nd?,e?,f?\n', {}, TEXTS);
  });

  it.each([
    ['some ask and others do not', 'ID?,Your name?,Please tell us'],
    ['names of columns in other spelling', 'Id,Name:,Where do you live'],
    ['a name and a question', 'i d,Your name?,Where do you live'],
    ['long texts', 'The number on the card,Please write your whole name here,Where do you live at this time'],
    [
      'in a script without blanks',
      'A,ここにあなたの氏名をすべて漢字とふりがなでご記入ください（必須）,あなたが現在お住まいの市町村の名前を正式な名称でご記入ください',
    ],
    ['of SurveyMonkey', ',Response,Open-Ended Response'],
    ['types', 'integer,varchar(20),String'],
  ])('that are the questions of a survey: %s', async (_name, questions) => {
    const answers = 'A1,Ann,Rome\nB2,Bob,Oslo\n'.repeat(4);
    const asked = await refusal(`id,name,city\n${questions}\n${answers}`, {}, TEXTS);
    expect([asked.code, asked.message]).toEqual([
      'FILE_DIALECT',
      expect.stringContaining('skipAfterHeader=1'),
    ]);
    expect(
      (await shapeOf(`id,name,city\n${questions}\n${answers}`, { skipAfterHeader: '0' }, TEXTS)).header
        .endLine,
    ).toBe(2);
  });

  it.each([
    ['one question', 'A,Ann?,Rome', 'B,Bob,Oslo\n'],
    ['types everywhere', 'date,integer,text', 'time,text,integer\n'],
    ['one type', 'A,text,Rome', 'B,Bob,Oslo\n'],
    ['one name of a column', 'A,Name,Rome', 'B,Bob,Oslo\n'],
    ['questions further down', 'A,Ann?,Rome?', 'B,Bob?,Oslo\n'],
    ['one long text', 'A,Ann,Somewhere in the middle of Rome', 'B,Bob,Oslo\n'],
    [
      'long texts below too',
      'A,Ann Maria Magdalena Theresia,Somewhere in the middle of Rome',
      'B,Bob with a name as long,Oslo\n',
    ],
    ['responses everywhere', 'Response,Response,', 'Response,Response,\n'],
  ])('that are records are no question: %s', async (_name, first, below) => {
    const text = `id,name,city\n${first}\n${below.repeat(8)}`;
    expect((await shapeOf(text, {}, TEXTS)).header.endLine).toBe(2);
  });

  it.each([
    ['of sqlcmd', 'id,name,city\n--,----,----\nA,Ann,Rome\n'],
    ['of SQL*Plus', 'id;name;city\n----------;--------------------;---------\nA;Ann;Rome\n'],
    ['of Markdown', '| id | name | city |\n|:---|:----:|-----:|\n| A | Ann | Rome |\n'],
    ['of equals signs', 'id\tname\tcity\n==\t====\t====\nA\tAnn\tRome\n'],
    ['in boxes', 'id|name|city\n──|────|────\nA|Ann|Rome\n'],
    ['above nothing', 'id,name,city\n---,---,---\n'],
  ])('that are lines of dashes are a question: %s', async (_name, text) => {
    const asked = await refusal(text, {}, TEXTS);
    expect([asked.code, asked.message]).toEqual([
      'FILE_DIALECT',
      expect.stringMatching(/a line of dashes.*skipAfterHeader=1/),
    ]);
    // In a column of numbers it is an error by itself.
    if (text.startsWith('id,')) await shapeOf(text);
    const said = { skipAfterHeader: '0', skipInitialSpace: 'false', trim: 'false' };
    expect((await shapeOf(text, said, TEXTS)).header.endLine).toBe(2);
  });

  it.each([
    ['a dash for each missing value', '-,-,-', 'A,Ann,Rome'],
    ['dashes in some columns', 'A,---,---', 'B,---,Rome'],
    ['dashes further down too', '---,---,---', '---,---,---'],
    ['two dashes below a long name', '--,--,--', 'A,Ann,Rome'],
    ['an empty cell', '---,,---', 'A,Ann,Rome'],
  ])('with dashes that may be values are records: %s', async (_name, first, second) => {
    expect((await shapeOf(`id,name,city\n${first}\n${second}\n`, {}, TEXTS)).header.endLine).toBe(2);
  });

  it('that have text where all others have numbers are a question', async () => {
    const questions = 'What is your number?,How old are you?,Where do you live?\n';
    const error = await refusal(`id,name,city\n${questions}${records}`, {}, TEXTS);
    expect(error.code).toBe('FILE_DIALECT');
    expect(error.message).toContain('skipAfterHeader=1');
    expect(error.params['candidates']).toMatchObject([
      { skipAfterHeader: 1, firstRecord: ['1', '23', 'Rome'] },
      { skipAfterHeader: 0 },
    ]);
    const units = await refusal(`id,name,city\n${questions}"{""a"":1}","{""b"":2}",-\n${records}`, {}, TEXTS);
    expect(units.message).toContain('skipAfterHeader=2');
  });

  it('are skipped, or are records, as the sender says', async () => {
    const text = `id,name,city\n\n"a\nb",years,-\n${records}`;
    expect((await shapeOf(text, { skipAfterHeader: '1' }, TEXTS)).header).toEqual({
      endByte: 28,
      endLine: 5,
    });
    expect((await shapeOf(text, { skipAfterHeader: '0' }, TEXTS)).header).toMatchObject({
      endByte: 13,
      endLine: 2,
    });
    expect((await refusal(text, { skipAfterHeader: '6' }, TEXTS)).code).toBe('FILE_HEADER_ONLY');
  });

  it('are no question where the text is an error by itself, or numbers are few', async () => {
    const typed = await shapeOf(`id,name,city\nkey,years,-\n${records}`);
    const few = 'id,name,city\nx,unknown,Rome\na,45,Oslo\nb,67,Bonn\nc,89,Bern\nd,1,Graz\n';
    expect([typed, await shapeOf(few, {}, TEXTS)].map(({ header }) => header.endLine)).toEqual([2, 2]);
  });
});

describe('a column without a name', () => {
  it('is none when its cells are all empty, as where a delimiter ends each line', async () => {
    const { dialect, columns } = await shapeOf('id,name,\n1,Ann,\n2,Bob,\n');
    expect(dialect.emptyColumns).toEqual([2]);
    expect(columns.map(({ fieldIndex }) => fieldIndex)).toEqual([0, 1, null]);
  });

  it('is declined when it holds something, unless unknown columns are ignored', async () => {
    const text = 'id,name,\n1,Ann,\n2,Bob,x\n';
    expect((await refusal(text)).errors).toMatchObject([{ code: 'blank-label', column: { index: 3 } }]);
    expect((await shapeOf(text, { unknownColumns: 'ignore' })).columns).toHaveLength(3);
    expect((await shapeOf(',id,name\n0,1,Ann\n', { unknownColumns: 'ignore' })).columns).toHaveLength(3);
  });
});
