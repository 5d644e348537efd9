// A ZIP archive that holds one CSV, over a real socket and as stored.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findImport } from '../../../src/db/imports/imports.ts';
import type { TestApi } from '../../support/api.ts';
import { form, FORM, kept, listeningApi, upload, type Answer } from '../../support/uploads.ts';
import { zip, type ZipEntry } from '../../support/zip.ts';

const CSV = 'name,note\nAnn,"a, b"\n山田,x\n';
const MIB = 1024 * 1024;
const hasPython = spawnSync('python3', ['--version']).status === 0;

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi({ env: { SLUICE_MAX_UPLOAD_BYTES: String(20 * MIB), SLUICE_KEPT_UPLOADS: '0' } });
});
afterAll(() => api.close());

const send = (body: Buffer, type = 'application/zip'): Promise<Answer> =>
  upload(api, { query: '?dataset=people&fileName=list.zip', headers: { 'content-type': type }, body });

/** The stored text of an upload that was taken, and the name of its entry. */
async function taken(answer: Answer): Promise<{ text: string; entryName: unknown }> {
  const { id, entryName } = answer.json();
  expect(answer.status, answer.body.toString()).toBe(202);
  const imp = (await findImport(api.deps.database.db, String(id)))!;
  const folder = join(api.deps.config.storageDir, 'imports', imp.id);
  expect(await kept(api)).not.toContain(`imports/${imp.id}/upload.zip`);
  return { text: await readFile(join(folder, 'upload.csv'), 'utf8'), entryName };
}

const big = `name,note\n${'Ann,x\n'.repeat(300_000)}`;

describe('is taken', () => {
  it.each<[string, Buffer, string | null]>([
    ['deflated', zip([{ name: 'list.csv', content: CSV }]), 'list.csv'],
    ['stored', zip([{ name: 'list.csv', content: CSV, method: 0 }]), 'list.csv'],
    ['with sizes behind the data', zip([{ name: 'list.csv', content: CSV, descriptor: true }]), 'list.csv'],
    ['as Zip64', zip([{ name: 'list.csv', content: CSV, zip64: true }]), 'list.csv'],
    ['as Zip64 from a pipe', zip([{ name: 'a.csv', content: CSV, zip64: true, descriptor: true }]), 'a.csv'],
    ['with a comment', zip([{ name: 'list.csv', content: CSV }], 'from the accounting system'), 'list.csv'],
    [
      'beside folders, hidden files and what macOS adds',
      zip([
        { name: 'data/' },
        { name: 'data/list.csv', content: CSV },
        { name: '__MACOSX/data/._list.csv', content: 'x' },
        { name: 'data/.DS_Store', content: 'x' },
      ]),
      'data/list.csv',
    ],
    [
      'beside what Windows and Office leave there',
      zip([
        { name: 'Thumbs.db', content: 'x' },
        { name: 'a/desktop.ini', content: 'x' },
        { name: 'a/~$list.csv', content: 'x' },
        { name: 'a/list.csv', content: CSV },
        { name: 'a/__MACOSX/list.csv', content: 'x' },
      ]),
      'a/list.csv',
    ],
    [
      'beside files that are no CSV',
      zip([
        { name: 'README.txt', content: 'x' },
        { name: 'LIST.CSV', content: CSV },
      ]),
      'LIST.CSV',
    ],
    ['whatever the only file is called', zip([{ name: 'export', content: CSV }]), 'export'],
    [
      'with a name that would be a path',
      zip([{ name: '../../etc/x\u202e.csv', content: CSV }]),
      '../../etc/x.csv',
    ],
    [
      'with a name in UTF-8 that does not say so',
      zip([{ name: Buffer.from('名簿.csv'), content: CSV }]),
      '名簿.csv',
    ],
    [
      'with a name in a code page',
      zip([{ name: Buffer.from([0x81, 0x2e, 0x63, 0x73, 0x76]), content: CSV }]),
      'ü.csv',
    ],
    [
      'with a name in CP932 that holds a backslash',
      zip([{ name: Buffer.from('97bf8be0955c2e637376', 'hex'), content: CSV }]),
      '料金表.csv',
    ],
    [
      'with a name in CP932 that ends in a backslash',
      zip([{ name: Buffer.from('97bf8be0955c', 'hex'), content: CSV }]),
      '料金表',
    ],
    [
      'in a folder of CP932',
      zip([
        { name: Buffer.from('955c2f', 'hex') },
        { name: Buffer.from('955c2f835c2e637376', 'hex'), content: CSV },
        { name: Buffer.from('955c2f2e636163686500', 'hex').subarray(0, -1), content: 'x' },
      ]),
      '表/ソ.csv',
    ],
    [
      'with an accented letter of CP437 that would be a kanji',
      zip([{ name: Buffer.from('4b946c6e2e637376', 'hex'), content: CSV }]),
      'Köln.csv',
    ],
    [
      'with a Unicode name beside one that is none',
      zip([{ name: Buffer.from('???.csv'), unicodeName: '料金表.csv', content: CSV }]),
      '料金表.csv',
    ],
  ])('%s', async (_how, archive, name) => {
    expect(await taken(await send(archive))).toEqual({ text: CSV, entryName: name });
  });

  it('says which other files it has', async () => {
    const archive = zip([
      { name: '~$list.csv', content: 'x' },
      { name: 'list.csv', content: CSV },
      { name: 'notes.txt', content: 'x' },
      { name: 'empty/' },
    ]);
    const answer = await send(archive);
    expect(answer.status).toBe(202);
    expect(answer.json()).toMatchObject({ dialect: { otherEntries: ['notes.txt', '~$list.csv'] } });
    const alone = await send(
      zip([
        { name: '.DS_Store', content: 'x' },
        { name: '~$list.csv', content: 'x' },
      ]),
    );
    expect(alone.json()).toMatchObject({
      status: 422,
      detail: expect.stringContaining('holds no file but ".DS_Store", "~$list.csv"'),
    });
  });

  it('known by its first bytes, also in a form, and told as it was sent', async () => {
    const archive = zip([{ name: 'list.csv', content: CSV }]);
    expect((await taken(await send(archive, 'text/csv'))).text).toBe(CSV);
    const body = form([
      { name: 'dataset', content: 'people' },
      { name: 'file', fileName: 'list.zip', content: archive },
    ]);
    const answer = await upload(api, { headers: FORM, body });
    expect((await taken(answer)).text).toBe(CSV);
    expect(answer.json()).toMatchObject({ bytes: archive.length, fileName: 'list.zip' });
  });

  it.skipIf(!hasPython)('as Python writes it to a pipe', async () => {
    const script =
      'import sys,zipfile\nwith zipfile.ZipFile(sys.stdout.buffer,"w",zipfile.ZIP_DEFLATED) as z: z.writestr("list.csv", sys.stdin.buffer.read())';
    const python = spawnSync('python3', ['-c', script], { input: CSV });
    expect((await taken(await send(python.stdout))).text).toBe(CSV);
  });

  it('of some MiB, whatever the ratio', async () => {
    expect((await taken(await send(zip([{ name: 'list.csv', content: big }])))).text).toBe(big);
  });
});

describe('is refused, and nothing is kept', () => {
  const one: ZipEntry = { name: 'list.csv', content: CSV };
  const whole = zip([one]);
  const damaged = Buffer.from(zip([{ ...one, content: randomBytes(1000).toString('hex') }]));
  damaged[200]! ^= 0xff;
  it.each<[string, Buffer, Record<string, unknown>]>([
    [
      'with two CSVs',
      zip([one, { name: 'more/b.csv', content: CSV }]),
      {
        code: 'FILE_ZIP',
        files: ['list.csv', 'more/b.csv'],
        detail: expect.stringContaining('"list.csv", "more/b.csv"'),
      },
    ],
    [
      'with two CSVs, one named in CP932',
      zip([
        { name: Buffer.from('97bf8be0955c2e637376', 'hex'), content: CSV },
        { name: 'old.csv', content: CSV },
      ]),
      { code: 'FILE_ZIP', files: ['料金表.csv', 'old.csv'] },
    ],
    [
      'with two CSVs, one named in a code page that is not known',
      zip([
        { name: Buffer.from('b15c2e637376', 'hex'), content: CSV },
        { name: 'old.csv', content: CSV },
      ]),
      { code: 'FILE_ZIP', detail: expect.stringContaining('holds 2 files') },
    ],
    [
      'with two files, none a CSV',
      zip([{ name: 'a' }, { name: 'b' }]),
      { detail: expect.stringContaining('none is called .csv') },
    ],
    ['with nothing', zip([]), { detail: expect.stringContaining('holds no file') }],
    [
      'with folders alone',
      zip([{ name: 'a/' }, { name: '__MACOSX/x' }]),
      { detail: expect.stringContaining('holds no file') },
    ],
    [
      'with too many entries',
      zip(Array.from({ length: 1001 }, (_, at) => ({ name: `${at}/` }))),
      { detail: expect.stringContaining('1001 entries') },
    ],
    ['encrypted', zip([{ ...one, encrypted: true }]), { detail: expect.stringContaining('password') }],
    [
      'packed by another method',
      zip([{ ...one, method: 93 }]),
      { detail: expect.stringContaining('method 93') },
    ],
    ['cut off', whole.subarray(0, -30), { detail: expect.stringContaining('cut off') }],
    [
      'cut off within its first header',
      whole.subarray(0, 10),
      { detail: expect.stringContaining('cut off') },
    ],
    [
      'without its beginning',
      Buffer.concat([whole.subarray(0, 4), whole.subarray(40)]),
      { code: 'FILE_ZIP' },
    ],
    ['with bytes behind it', Buffer.concat([whole, Buffer.from('more')]), { code: 'FILE_ZIP' }],
    ['damaged', damaged, { detail: expect.stringContaining('damaged') }],
    [
      'with another checksum',
      zip([{ ...one, says: { crc: 1 } }]),
      { detail: expect.stringContaining('checksum') },
    ],
    [
      'stored, with another checksum',
      zip([{ ...one, method: 0, says: { crc: 1 } }]),
      { detail: expect.stringContaining('checksum') },
    ],
    [
      'that says less than it holds',
      zip([{ ...one, says: { size: 3 } }]),
      { detail: expect.stringContaining('more than the 3 bytes') },
    ],
    [
      'that says more than it holds',
      zip([{ ...one, says: { size: 3000 } }]),
      { detail: expect.stringContaining('the directory says 3000') },
    ],
    [
      'that says more than it has',
      zip([{ ...one, says: { packedSize: 3000 } }]),
      { detail: expect.stringContaining('bounds') },
    ],
    [
      'whose directory is elsewhere',
      withDirectoryAt(whole, 5_000_000),
      { detail: expect.stringContaining('behind its end') },
    ],
    [
      'within a ZIP',
      zip([{ name: 'list.zip', content: whole }]),
      { detail: expect.stringContaining('packed twice') },
    ],
    [
      'with gzip in it',
      zip([{ name: 'list.csv.gz', content: gzipSync(CSV) }]),
      { detail: expect.stringContaining('packed twice') },
    ],
    ['within gzip', gzipSync(whole), { code: 'FILE_GZIP', detail: expect.stringContaining('packed twice') }],
    [
      'that is no ZIP',
      Buffer.from(CSV),
      { code: 'FILE_ZIP', detail: expect.stringContaining('says that it is a ZIP') },
    ],
  ])('%s', async (_what, archive, problem) => {
    const before = await kept(api);
    const type = archive[0] === 0x1f ? 'text/csv' : 'application/zip';
    const answer = await send(archive, type);
    expect(answer.json()).toMatchObject({ code: 'FILE_ZIP', status: 422, ...problem });
    expect(await kept(api)).toEqual(before);
  });

  it.each([
    ['a binary Excel workbook', ['[Content_Types].xml', 'xl/workbook.bin', 'xl/worksheets/sheet1.bin']],
    ['an OpenDocument spreadsheet', ['mimetype', 'content.xml', 'styles.xml']],
  ])('%s: how to save it as CSV', async (_what, names) => {
    const before = await kept(api);
    const answer = await send(zip(names.map((name) => ({ name, content: '<x/>' }))), 'text/csv');
    expect(answer.json()).toMatchObject({
      code: 'FILE_FORMAT',
      detail: expect.stringContaining('CSV UTF-8'),
    });
    expect(await kept(api)).toEqual(before);
  });

  it('a bomb: by its ratio, and by its size', async () => {
    const before = await kept(api);
    const lines = `name,note\n${'x,y\n'.repeat(3 * MIB)}`;
    const bomb = await send(zip([{ name: 'a.csv', content: lines }]));
    expect(bomb.json()).toMatchObject({ code: 'UPLOAD_INFLATES_TOO_FAR', status: 413, limit: 200 });
    const noise = `name,note\n${randomBytes(11 * MIB).toString('hex')}`;
    const large = await send(zip([{ name: 'a.csv', content: noise }]));
    expect(large.json()).toMatchObject({ code: 'UPLOAD_TOO_LARGE', status: 413, limitBytes: 20 * MIB });
    // What it says of its size does not matter.
    const liar = await send(zip([{ name: 'a.csv', content: lines, says: { size: 10 } }]));
    expect(liar.json()).toMatchObject({ code: 'FILE_ZIP' });
    expect(await kept(api)).toEqual(before);
  });

  it('one whose file does not fit the dataset, like the file alone', async () => {
    const before = await kept(api);
    const answer = await send(zip([{ name: 'list.csv', content: 'a,b\n1,2\n' }]));
    expect(answer.json()).toMatchObject({ code: 'HEADER_MISMATCH', status: 422 });
    expect(await kept(api)).toEqual(before);
  });
});

function withDirectoryAt(archive: Buffer, offset: number): Buffer {
  const bytes = Buffer.from(archive);
  bytes.writeUInt32LE(offset, bytes.length - 6);
  return bytes;
}
