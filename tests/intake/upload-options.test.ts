import { Command } from 'commander';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { addFileOptions, formOf, type FileOptions } from '../../src/cli/client/file-options.ts';
import { describeOption, OPTION_ENTRIES, UPLOAD_OPTIONS } from '../../src/intake/options/table.ts';
import { readOptions, type RawUploadOptions } from '../../src/intake/upload-options.ts';

const read = (raw: RawUploadOptions) => readOptions({ dataset: 'd', ...raw });

describe('the table of upload options', () => {
  it.each(OPTION_ENTRIES)('%s: the parser takes what the schema says', (name, option) => {
    const { schema, flag } = option;
    for (const choice of schema.enum ?? []) expect(() => option.read(choice, name)).not.toThrow();
    const fallback = schema.default === undefined ? [] : [String(schema.default)];
    for (const text of fallback) expect(option.read(text, name)).toEqual(option.read(undefined, name));
    for (const text of schema.enum === undefined ? [] : ['nonsense'])
      expect(() => option.read(text, name)).toThrow(`"${name}" must be`);
    expect(option.doc).toMatch(/^[A-Z].*\.$/);
    expect(describeOption(option)).toContain(option.doc);
    const long = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(flag.flags).toMatch(new RegExp(`(^|, )--(no-)?${long}( <|$)`));
  });

  it.each<[keyof typeof UPLOAD_OPTIONS, string[], string[]]>([
    ['maxErrors', ['0', '100', '2.5%', '100%'], ['-1', '1e3', '2.55555%', '%']],
    ['comment', ['#', 'none'], ['##', 'a']],
    ['groupChar', ['.', ' ', 'space', "'"], ['1', '+', '..']],
    ['negative', ['trailing', 'drcr,triangle'], ['', 'minus', 'drcr,', ',']],
    ['timeZone', ['Europe/Berlin', 'UTC', '+09:00'], ['']],
    ['skipLines', ['0', '1000'], ['1001', '-1', '1.5']],
  ])('%s: schema and parser agree on what is taken', (name, good, bad) => {
    const { schema, read: parse } = UPLOAD_OPTIONS[name];
    const check = Compile(schema);
    const valueOf = (text: string) => (typeof schema.default === 'number' ? Number(text) : text);
    expect(good.filter((text) => !check.Check(valueOf(text)))).toEqual([]);
    expect(bad.filter((text) => check.Check(valueOf(text)))).toEqual([]);
    for (const text of good) expect(() => parse(text, name)).not.toThrow();
    for (const text of bad) expect(() => parse(text, name)).toThrow(`"${name}" must be`);
  });
});

describe('readOptions', () => {
  it('has the defaults of the table', () => {
    expect(read({})).toMatchObject({
      mode: 'insert',
      header: true,
      skipLines: 0,
      maxErrors: null,
      notation: {},
    });
    expect(read({ onError: 'abort' })).toMatchObject({ maxErrors: '0' });
  });

  it.each<[RawUploadOptions, RegExp]>([
    [{ groupChar: '.' }, /"groupChar" must be one character/],
    [{ groupChar: ',', decimalChar: ',' }, /"groupChar" must be one character/],
    [{ pivotYear: '50.5' }, /"pivotYear" must be a whole year from 1000 to 9900/],
    [{ pivotYear: '50' }, /"pivotYear" must be a whole year from 1000 to 9900, such as 1950/],
    [{ timeZone: 'EST' }, /"timeZone" must be an IANA time zone such as Europe\/Berlin/],
    [{ mapping: 'saved', header: 'false' }, /"mapping" cannot be "saved"/],
    [{ comment: ';', delimiter: ';' }, /"comment" and "delimiter" are both/],
  ])('refuses what excludes each other: %o', (raw, message) => {
    expect(() => read(raw)).toThrow(message);
  });
});

describe('the flags of the command', () => {
  const parse = (sends: 'upload' | 'retry', ...args: string[]): Record<string, unknown> => {
    const command = addFileOptions(
      new Command().exitOverride().configureOutput({ writeErr: () => {} }),
      sends,
    );
    command.parse(args, { from: 'user' });
    return Object.fromEntries(formOf(command.opts<FileOptions>()));
  };

  it('send what was said, and nothing else', () => {
    expect(parse('upload', '-d', 'people')).toEqual({ dataset: 'people' });
    expect(
      parse(
        'upload',
        '--dataset',
        'people',
        '--no-header',
        '--dry-run',
        '--skip-lines',
        '2',
        '--on-error',
        'abort',
      ),
    ).toEqual({ dataset: 'people', header: 'false', dryRun: 'true', skipLines: '2', onError: 'abort' });
    expect(parse('retry', '--date-order', 'dmy')).toEqual({ dateOrder: 'dmy' });
  });

  it('must be one of the choices, and of a retry not what its import says', () => {
    expect(() => parse('upload', '-d', 'x', '--mode', 'merge')).toThrow(/insert or upsert or replace/);
    expect(() => parse('retry', '--mode', 'insert')).toThrow(/unknown option/);
  });
});
