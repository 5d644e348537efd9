import { pino } from 'pino';
import { openPlanner } from '../../src/intake/plan/planner.ts';
import { readConfig } from '../../src/config/config.ts';
// A file that raises a question is kept byte for byte, however it is packed and encoded, and wherever the question comes from.
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseDataset } from '../../src/core/dataset/document/parse-dataset.ts';
import { AppError } from '../../src/errors.ts';
import { openWorkbooks } from '../../src/intake/excel/workbooks.ts';
import { storeUpload } from '../../src/intake/store-upload.ts';
import { readOptions, type RawUploadOptions } from '../../src/intake/upload-options.ts';
import { createDiskStorage } from '../../src/storage/disk.ts';
import { temporaryFolder } from '../support/temp-folder.ts';
import { zip } from '../support/zip.ts';

const KIB = 1024;
const LIMITS = {
  maxUploadBytes: 64 * KIB * KIB,
  smallFileBytes: 16 * KIB,
  maxInflateRatio: 200,
  maxUndecodableLines: 3,
  maxHeaderBytes: 64 * KIB,
  maxColumns: 100,
  maxRecordBytes: KIB * KIB,
  workbookStringBytes: KIB * KIB,
  maxMergedRanges: 10,
  workbookThreads: 1,
};
const DATES = parseDataset(
  {
    name: 'dates',
    schema: {
      fields: [
        { name: 'day', type: 'date', format: 'any' },
        { name: 'note', type: 'string' },
      ],
    },
    target: { table: 'dates' },
  },
  'the test',
);
const ID = '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10';

/** The records leave the order of day and month open. */
const OPEN = 'day,note\n01/02/2024,日本\n';
const MISFIT = 'day,memo\n2024-01-31,日本\n';
const big = (text: string): string => text + '03/04/2024,another line of the file\n'.repeat(20_000);
/** 山 in Shift_JIS. */
const BAD = Buffer.from([0x8e, 0x52, 0x0a]);
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
const join = (...parts: (Buffer | string)[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)));
const noise = (): string =>
  randomBytes(600 * KIB)
    .toString('base64')
    .replaceAll(/.{50}/g, '$&\n04/04/2024,');

/** Stores a file that raises a question. @returns its code and what was kept; nothing else is left of what was copied */
async function ask(bytes: Buffer, size: number, raw: RawUploadOptions) {
  const folder = temporaryFolder();
  const storage = createDiskStorage(folder);
  async function* source(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  let kept: Buffer | undefined;
  let length = -1;
  const logger = pino({ level: 'silent' });
  const workbooks = openWorkbooks({ ...readConfig({}), ...LIMITS, storageDir: folder }, logger);
  const planner = openPlanner({ ...readConfig({}), plansAhead: 0 }, logger);
  const error: unknown = await storeUpload(
    { storage, workbooks, planner },
    ID,
    { source: source() },
    DATES,
    readOptions({ dataset: 'dates', ...raw }),
    LIMITS,
    () => Promise.resolve(undefined),
    async (question, file) => {
      await file.keep(`uploads/${ID}/file`);
      length = file.about().bytes;
      kept = await buffer(storage.read(`uploads/${ID}/file`));
      return question;
    },
  ).catch((thrown: unknown) => thrown);
  await workbooks.close();
  const left = readdirSync(folder, { recursive: true }).filter((name) => /sent|zip|part/.test(String(name)));
  expect(left).toEqual([]);
  return {
    code: error instanceof AppError ? error.code : error,
    same: length === bytes.length && kept?.equals(bytes),
  };
}

type Case = readonly [name: string, bytes: Buffer, raw: RawUploadOptions, code: string];

const cases: Case[] = [
  ['dates', join(OPEN), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['dates of a large file', join(big(OPEN)), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['a BOM', join(BOM, OPEN), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['a BOM of a large file', join(BOM, big(OPEN)), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['end marks', join(OPEN, '\x1a\x1a'), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['many end marks', join(big(OPEN), '\x1a'.repeat(200_000)), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['end marks and line ends', join(OPEN, '\x1a\r\n\x1a\n'), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['an end mark and NULs', join(big(OPEN), '\x1a', Buffer.alloc(5000)), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['a BOM and end marks', join(BOM, big(OPEN), '\x1a'), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['a header', join(MISFIT), {}, 'HEADER_MISMATCH'],
  ['the header of a large file', join(big(MISFIT)), {}, 'HEADER_MISMATCH'],
  ['a bad byte', join(OPEN, BAD, '2024-01-31,x\n'), {}, 'FILE_ENCODING'],
  ['a bad byte deep inside', join(BOM, big(OPEN), BAD, big('')), {}, 'FILE_ENCODING'],
  ['half a character at the end', join(big(OPEN), Buffer.from([0xe3, 0x81])), {}, 'FILE_ENCODING'],
  ['UTF-16', utf16(OPEN), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['UTF-16 of a large file', utf16(big(OPEN)), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['declared UTF-8', join(big(OPEN)), { encoding: 'utf-8' }, 'DATE_ORDER_AMBIGUOUS'],
  [
    'declared UTF-8 with a bad byte',
    join(big(OPEN), ',', BAD, big('')),
    { encoding: 'utf-8' },
    'DATE_ORDER_AMBIGUOUS',
  ],
  [
    'declared UTF-8 with too many',
    join(big(OPEN), ',', BAD, ',', BAD, ',', BAD, ',', BAD, big('')),
    { encoding: 'utf-8' },
    'FILE_ENCODING',
  ],
  [
    'Shift_JIS',
    join('day,note\n01/02/2024,', BAD, big('')),
    { encoding: 'shift_jis' },
    'DATE_ORDER_AMBIGUOUS',
  ],
  ['a BOM of another encoding', utf16(big(OPEN)), { encoding: 'utf-8' }, 'FILE_ENCODING'],
  ['gzip', gzipSync(OPEN), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['gzip of a large file', gzipSync(OPEN + noise()), {}, 'DATE_ORDER_AMBIGUOUS'],
  ['gzip whose header does not fit', gzipSync(MISFIT + noise()), {}, 'HEADER_MISMATCH'],
  ['ZIP', zip([{ name: 'a.csv', content: OPEN }]), {}, 'DATE_ORDER_AMBIGUOUS'],
  [
    'ZIP whose header does not fit',
    zip([{ name: 'a.csv', content: MISFIT + noise() }]),
    {},
    'HEADER_MISMATCH',
  ],
];

describe('what was sent is kept', () => {
  it.each(cases)('%s', async (_name, bytes, raw, code) => {
    for (const size of bytes.length < 1000 ? [1, 2, 3, 5, 100_000] : [1000, 65_536, 3_000_000])
      expect(await ask(bytes, size, raw)).toEqual({ code, same: true });
  });
});
