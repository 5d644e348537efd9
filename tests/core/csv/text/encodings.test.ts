// Every decoder against the indexes of the WHATWG Encoding Standard, as another package publishes them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { createDecoder, findEncoding } from '../../../../src/core/csv/text/encodings.ts';
import { createTextInspector } from '../../../../src/core/csv/text/text-inspector.ts';

const require = createRequire(import.meta.url);
type Index = readonly (number | null)[];
const { encodingIndexes: INDEXES } = require('@zxing/text-encoding/cjs/encoding-indexes.js') as {
  encodingIndexes: Readonly<Record<string, Index>>;
};
const { encodings: KINDS } = require('@zxing/text-encoding/cjs/encoding/encodings.js') as {
  encodings: readonly { encodings: readonly { name: string; labels: readonly string[] }[] }[];
};

const NOT_TAKEN = ['iso-2022-jp', 'replacement', 'x-user-defined'];
/** That package gives Latin-1 a place of its own, which the standard does not. */
const nameOf = (name: string): string => (/^iso-8859-1$/i.test(name) ? 'windows-1252' : name.toLowerCase());
const LABELS = KINDS.flatMap(({ encodings }) =>
  encodings.flatMap(({ name, labels }) => labels.map((label) => [label, nameOf(name)] as const)),
).filter(([, name]) => !NOT_TAKEN.includes(name));

it('every label of the standard means its encoding', () => {
  expect(LABELS.length).toBeGreaterThan(200);
  const labels = LABELS.filter(([label]) => label !== 'utf-16');
  expect(labels.map(([label]) => [label, findEncoding(label)])).toEqual(labels);
});

const between = (byte: number, from: number, to: number): boolean => byte >= from && byte <= to;
const at = (name: string, pointer: number): string | undefined => {
  const code = INDEXES[name]![pointer] ?? undefined;
  return code === undefined ? undefined : String.fromCodePoint(code);
};

/** What two bytes mean, after the algorithms of the standard; undefined: nothing. The first is no ASCII. */
type TwoBytes = (lead: number, trail: number) => string | undefined;
const TWO_BYTES: Record<string, TwoBytes> = {
  big5(lead, trail) {
    if (!between(lead, 0x81, 0xfe) || !(between(trail, 0x40, 0x7e) || between(trail, 0xa1, 0xfe))) return;
    const pointer = (lead - 0x81) * 157 + trail - (trail < 0x7f ? 0x40 : 0x62);
    const two = { 1133: '\u00ca\u0304', 1135: '\u00ca\u030c', 1164: '\u00ea\u0304', 1166: '\u00ea\u030c' };
    return two[pointer as keyof typeof two] ?? at('big5', pointer);
  },
  'euc-jp'(lead, trail) {
    if (lead === 0x8e && between(trail, 0xa1, 0xdf)) return String.fromCharCode(0xff61 - 0xa1 + trail);
    if (!between(lead, 0xa1, 0xfe) || !between(trail, 0xa1, 0xfe)) return;
    return at('jis0208', (lead - 0xa1) * 94 + trail - 0xa1);
  },
  'euc-kr'(lead, trail) {
    if (!between(lead, 0x81, 0xfe) || !between(trail, 0x41, 0xfe)) return;
    return at('euc-kr', (lead - 0x81) * 190 + trail - 0x41);
  },
  gb18030(lead, trail) {
    if (!between(lead, 0x81, 0xfe) || !(between(trail, 0x40, 0x7e) || between(trail, 0x80, 0xfe))) return;
    const pointer = (lead - 0x81) * 190 + trail - (trail < 0x7f ? 0x40 : 0x41);
    return at('gb18030', pointer);
  },
  shift_jis(lead, trail) {
    if (!(between(lead, 0x81, 0x9f) || between(lead, 0xe0, 0xfc))) return;
    if (!(between(trail, 0x40, 0x7e) || between(trail, 0x80, 0xfc))) return;
    const pointer = (lead - (lead < 0xa0 ? 0x81 : 0xc1)) * 188 + trail - (trail < 0x7f ? 0x40 : 0x41);
    if (between(pointer, 8836, 10_715)) return String.fromCharCode(0xe000 - 8836 + pointer);
    return at('jis0208', pointer);
  },
};

TWO_BYTES['gbk'] = TWO_BYTES['gb18030']!;

/** One byte that is a character by itself. */
const ONE_BYTE: Readonly<Record<string, (byte: number) => string | undefined>> = {
  shift_jis: (byte) =>
    byte === 0x80
      ? '\u0080'
      : between(byte, 0xa1, 0xdf)
        ? String.fromCharCode(0xff61 - 0xa1 + byte)
        : undefined,
  gb18030: (byte) => (byte === 0x80 ? '€' : undefined),
  gbk: (byte) => (byte === 0x80 ? '€' : undefined),
};

/** Since 2023 the standard follows GB 18030-2022 here; the package has the index of before. */
const NEWER = new Map<string, string>([
  ...['︐', '︒', '︑', '︓', '︔', '︕', '︖'].map(
    (sign, n) => [`a6${(0xd9 + n).toString(16)}`, sign] as const,
  ),
  ...([
    ['a6ec', '︗'],
    ['a6ed', '︘'],
    ['a6f3', '︙'],
    ['fe59', '龴'],
    ['fe61', '龵'],
    ['fe66', '龶'],
  ] as const),
  ...([
    ['fe67', '龷'],
    ['fe6d', '龸'],
    ['fe7e', '龹'],
    ['fe90', '龺'],
    ['fea0', '龻'],
  ] as const),
]);

const MULTI_BYTE = Object.keys(TWO_BYTES);
const SINGLE_BYTE = [...new Set(LABELS.map(([, name]) => name))].filter(
  (name) => !MULTI_BYTE.includes(name) && !name.startsWith('utf-'),
);

describe('characters', () => {
  it.each(SINGLE_BYTE)('%s: every byte is what the index says', (name) => {
    const index = INDEXES[name === 'iso-8859-8-i' ? 'iso-8859-8' : name]!;
    const { strict } = createDecoder(name);
    const said = Array.from({ length: 256 }, (_, byte) => strict(Buffer.of(byte), false));
    const meant = Array.from({ length: 256 }, (_, byte) => {
      const code = byte < 0x80 ? byte : (index[byte - 0x80] ?? undefined);
      return code === undefined ? undefined : String.fromCodePoint(code);
    });
    expect(said).toEqual(meant);
  });

  it.each(MULTI_BYTE)('%s: every byte, and every two, are what the index says', (name) => {
    const { strict } = createDecoder(name);
    const wrong: string[] = [];
    for (let lead = 0x80; lead < 0x100; lead++) {
      const single = ONE_BYTE[name]?.(lead);
      expect(strict(Buffer.of(lead), false)).toBe(single);
      for (let trail = 0; trail < 0x100; trail++) {
        const bytes = Buffer.of(lead, trail);
        const rest = trail < 0x80 ? String.fromCharCode(trail) : ONE_BYTE[name]?.(trail);
        const meant =
          single === undefined
            ? TWO_BYTES[name]!(lead, trail)
            : rest === undefined
              ? undefined
              : single + rest;
        const said = strict(bytes, false);
        const newer = name.startsWith('gb') ? NEWER.get(bytes.toString('hex')) : undefined;
        if (said !== (newer ?? meant)) wrong.push(`${bytes.toString('hex')}: ${said}, not ${meant}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('euc-jp: every three bytes that begin with 8F are what the index of JIS X 0212 says', () => {
    const { strict } = createDecoder('euc-jp');
    const wrong: string[] = [];
    for (let lead = 0xa1; lead < 0xff; lead++)
      for (let trail = 0xa1; trail < 0xff; trail++)
        if (strict(Buffer.of(0x8f, lead, trail), false) !== at('jis0212', (lead - 0xa1) * 94 + trail - 0xa1))
          wrong.push(`${lead} ${trail}`);
    expect(wrong).toEqual([]);
  });

  it.each(['gb18030', 'gbk'])(
    '%s: four bytes are what the ranges say, from their first to their last',
    (name) => {
      const { strict } = createDecoder(name);
      const ranges = INDEXES['gb18030-ranges'] as unknown as readonly (readonly [number, number])[];
      const bytesOf = (pointer: number): Buffer =>
        Buffer.of(
          0x81 + Math.floor(pointer / 12_600),
          0x30 + (Math.floor(pointer / 1260) % 10),
          0x81 + (Math.floor(pointer / 10) % 126),
          0x30 + (pointer % 10),
        );
      for (const [index, [pointer, code]] of ranges.entries()) {
        const next = ranges[index + 1]?.[0];
        const last = next === undefined ? pointer : pointer === 39_394 ? 39_419 : next - 1;
        for (const each of [pointer, last].filter((one) => one !== 7457))
          expect(strict(bytesOf(each), false)).toBe(String.fromCodePoint(code + each - pointer));
      }
      expect(strict(bytesOf(39_420), false)).toBeUndefined();
      expect(strict(bytesOf(189_000 + 0xf_ffff), false)).toBe('\u{10ffff}');
      expect(strict(bytesOf(7457), false)).toBe('\ue7c7');
    },
  );

  it.each([
    ['cp949', '94ee8c63bc84a2e6', '뷁똠펲€'],
    ['big5-hkscs', '9def9df7', '嘅咗'],
    ['windows-1255', 'ca', '\u05ba'],
  ])('%s: what Node does not know', (label, hex, text) => {
    const said = createDecoder(findEncoding(label)!).strict(Buffer.from(hex, 'hex'), false);
    expect(said).toBe(text);
  });
});

/** The characters of 0x80 to 0xFF as code points, by code page, as glibc has them; 866 is one of the standard's. */
const DOS_PAGES = readFileSync(new URL('dos-pages.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n\n')
  .map((block) => {
    const [name = '', ...rows] = block.split('\n');
    return { name, codes: rows.flatMap((row) => row.split(' ').map((hex) => Number.parseInt(hex, 16))) };
  });

describe.each(DOS_PAGES)('$name, a code page of DOS', ({ name, codes }) => {
  const number = name.slice(2);
  const encoding = findEncoding(name)!;
  const meant = (byte: number): string => String.fromCodePoint(byte < 0x80 ? byte : codes[byte - 0x80]!);
  const ALL = Array.from({ length: 256 }, (_, byte) => byte);

  it('goes by each of its names', () => {
    expect(encoding).toBe(`ibm${number}`);
    for (const label of [number, `cp${number}`, ` IBM${number} `, `ibm00${number}`, `CCSID00${number}`])
      expect(findEncoding(label)).toBe(encoding);
  });

  it('every byte is what the page says, alone and in a text', () => {
    const { strict, loose } = createDecoder(encoding);
    for (const byte of ALL) {
      expect(strict(Buffer.of(byte), false)).toBe(meant(byte) === '\ufffd' ? undefined : meant(byte));
      expect(loose(Buffer.of(byte))).toBe(meant(byte));
    }
    expect(loose(Buffer.from(ALL))).toBe(ALL.map(meant).join(''));
  });

  it('a file is decoded so wherever it is cut, and bytes that the page leaves free cost their line', () => {
    const bytes = Buffer.concat(ALL.slice(1).map((byte) => Buffer.of(0x61, byte, 0x62, 0x0a)));
    const text = ALL.slice(1)
      .map((byte) => `a${meant(byte)}b\n`)
      .join('');
    const free = codes.filter((code) => code === 0xfffd).length;
    for (const pieceBytes of [1, 2, 3, 7, 1000]) {
      const inspector = createTextInspector({ encoding });
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += pieceBytes)
        pieces.push(Buffer.from(inspector.push(bytes.subarray(at, at + pieceBytes))));
      pieces.push(inspector.end());
      expect(Buffer.concat(pieces).toString()).toBe(text);
      expect([inspector.encoding, inspector.undecodable.length]).toEqual([encoding, free]);
    }
  });
});

it.each(['cp864', 'ibm999', 'cp85', 'cp8500', '4371', 'dos', '__proto__', 'ibm'])(
  '%s is no encoding',
  (label) => {
    expect(findEncoding(label)).toBeUndefined();
  },
);
