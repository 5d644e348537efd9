import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder, findEncoding, findUndecodable } from '../../../../src/core/csv/text/encodings.ts';
import {
  createTextInspector,
  type DeclaredEncoding,
  type TextInspector,
} from '../../../../src/core/csv/text/text-inspector.ts';
import { AppError } from '../../../../src/errors.ts';
import { explainUndecodable } from '../../../../src/core/csv/text/undecodable.ts';
import { expectEqual } from '../../../support/expect-equal.ts';
import { runs } from '../../../support/random.ts';

const MOST_LINES = 7;

function inspect(encoding: string, ...pieces: Buffer[]): { text: string; inspector: TextInspector } {
  return inspectAs({ encoding }, ...pieces);
}

function inspectAs(declared: DeclaredEncoding, ...pieces: Buffer[]) {
  const inspector = createTextInspector(declared, MOST_LINES);
  const out: Buffer[] = pieces.map((piece) => Buffer.from(inspector.push(Buffer.from(piece))));
  out.push(inspector.end());
  return { text: Buffer.concat(out).toString(), inspector };
}

const cut = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );

/** Bytes as Python's codecs write them. */
const SAMPLES = [
  [
    'shift_jis',
    '氏名,住所\r\n髙橋①,ｱｲ表～\\~\r\nソ,"能|予"\r\n',
    '8e8196bc2c8f5a8f8a0d0aeee08bb487402cb1b2955c81605c7e0d0a835c2c22945c7c975c220d0a',
  ],
  ['euc-jp', '氏名,住所\n山田,ｱｲ表\n', 'bbe1ccbe2cbdbbbdea0abbb3c5c42c8eb18eb2c9bd0a'],
  ['gb18030', '姓名,地址\n张伟,€𠀀\n', 'd0d5c3fb2cb5d8d6b70ad5c5ceb02ca2e3953282360a'],
  ['gbk', '姓名,地址\n张伟,镕\n', 'd0d5c3fb2cb5d8d6b70ad5c5ceb02ce9460a'],
  ['big5', '姓名,地址\n陳許功,蓋\n', 'a96da6572ca661a77d0ab3afb35ca55c2cbb5c0a'],
  ['euc-kr', '이름,주소\n홍길동,서울\n', 'c0ccb8a72cc1d6bcd20ac8abb1e6b5bf2cbcadbfef0a'],
  ['windows-1252', 'nom,ville\nHélène,“€5” …\n', '6e6f6d2c76696c6c650a48e96ce86e652c9380359420850a'],
  ['windows-1251', 'имя,город\nИван,Москва\n', 'e8ecff2ce3eef0eee40ac8e2e0ed2ccceef1eae2e00a'],
  ['iso-8859-2', 'jméno\nžluťoučký\n', '6a6de96e6f0abe6c75bb6f75e86bfd0a'],
  ['iso-8859-15', 'nom\nœuvre €\n', '6e6f6d0abd7576726520a40a'],
  ['koi8-u', 'імя\nїжак\n', 'a6cdd10aa7d6c1cb0a'],
  ['windows-874', 'ชื่อ\nไทย\n', 'aad7e8cd0ae4b7c20a'],
  ['utf-16le', '氏名\n😀,é\n', '0f6c0d540a003dd800de2c00e9000a00'],
  ['utf-16be', '氏名\n😀,é\n', '6c0f540d000ad83dde00002c00e9000a'],
  ['utf-8', '氏名\n😀,é\ufffd\n', 'e6b08fe5908d0af09f98802cc3a9efbfbd0a'],
] as const;

describe('a declared encoding', () => {
  it.each(SAMPLES)('%s is transcoded, cut anywhere', (encoding, text, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    for (let at = 0; at <= bytes.length; at++) {
      const read = inspect(encoding, bytes.subarray(0, at), bytes.subarray(at));
      expect(read.text).toBe(text);
      expect(read.inspector).toMatchObject({ encoding, hadBom: false, undecodable: [] });
    }
    for (const size of [1, 3]) expect(inspect(encoding, ...cut(bytes, size)).text).toBe(text);
  });

  it.each(SAMPLES)('%s: a cell without end does not stay in memory', (encoding, _text, hex) => {
    const decoder = createDecoder(encoding);
    const character = Buffer.from(hex, 'hex').subarray(0, 6);
    const plain = decoder.strict(character, false);
    if (plain === undefined || /[ -/]/.test(plain)) return;
    const bytes = Buffer.concat(Array.from({ length: 100_000 }, () => character));
    const inspector = createTextInspector({ encoding });
    let stored = '';
    let most = 0;
    let taken = 0;
    for (const piece of cut(bytes, 65_537)) {
      taken += piece.length;
      stored += inspector.push(piece).toString();
      most = Math.max(most, taken - (stored.length / plain.length) * character.length);
    }
    stored += inspector.end().toString();
    expect(stored).toBe(plain.repeat(100_000));
    expect(most).toBeLessThan(400_000);
    expect(inspector.undecodable).toEqual([]);
  });

  it.each([
    ['windows-31j', 'shift_jis'],
    ['MS_Kanji', 'shift_jis'],
    ['CP932', 'shift_jis'],
    [' latin1 ', 'windows-1252'],
    ['gb2312', 'gbk'],
    ['utf8', 'utf-8'],
    ['UTF-16', 'utf-16'],
  ])('%s means %s', (label, encoding) => expect(findEncoding(label)).toBe(encoding));

  it.each(['klingon', '', 'iso-2022-jp', 'replacement', 'utf-7'])('%j is none', (label) =>
    expect(findEncoding(label)).toBeUndefined(),
  );
});

const ALL = [
  'shift_jis euc-jp gb18030 gbk big5 euc-kr utf-8 ibm866 koi8-r koi8-u macintosh windows-874',
  'windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258',
  'iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-13 iso-8859-15',
]
  .join(' ')
  .split(' ');

describe('what every decoder keeps', () => {
  it.each(ALL)('%s: ASCII is itself, and what is below 0x30 also behind a lead byte', (encoding) => {
    const { strict, loose } = createDecoder(encoding);
    const ascii = String.fromCharCode(...Array.from({ length: 128 }, (_, code) => code));
    expect(strict(Buffer.from(ascii), false)).toBe(ascii);
    const wrong: string[] = [];
    for (let lead = 0x80; lead < 0x100; lead++)
      for (let low = 0; low < 0x30; low++) {
        const bytes = Buffer.of(0x61, lead, low, 0x0a);
        const text = loose(bytes);
        if (!text.endsWith(`${String.fromCharCode(low)}\n`) || (strict(bytes, false) ?? text) !== text)
          wrong.push(bytes.toString('hex'));
      }
    expect(wrong).toEqual([]);
  });

  it.each(ALL)('%s: strict text holds no U+FFFD of the decoder’s', (encoding) => {
    const { strict } = createDecoder(encoding);
    const wrong: string[] = [];
    for (let first = 0x80; first < 0x100; first++)
      for (let second = 0x30; second < 0x100; second++) {
        const bytes = Buffer.of(first, second);
        if (strict(bytes, false)?.includes('\ufffd') === true) wrong.push(bytes.toString('hex'));
      }
    expect(wrong).toEqual([]);
  });

  it.each([
    ['euc-jp', '82'],
    ['euc-kr', 'c9a1'],
    ['big5', 'ff'],
    ['windows-1253', 'aa'],
    ['windows-874', 'db'],
    ['shift_jis', 'fd'],
  ])('%s: %s, which the standard does not have, is undecodable', (encoding, hex) => {
    expect(createDecoder(encoding).strict(Buffer.from(hex, 'hex'), false)).toBeUndefined();
    expect(createDecoder(encoding).loose(Buffer.from(hex, 'hex'))).toMatch(/^\ufffd+$/);
  });
});

describe('undecodable bytes', () => {
  it.each([
    ['shift_jis', '612c620a82ff2c630a642c650a', 'a,b\n\ufffd,c\nd,e\n', 2, 4, '82ff'],
    ['shift_jis', '610d0a8e52930d0a', 'a\r\n山\ufffd\r\n', 2, 5, '930d'],
    ['euc-jp', '610a82620a', 'a\n\ufffdb\n', 2, 2, '82'],
    ['utf-8', '610a62e381efbfbd', 'a\nb\ufffd\ufffd', 2, 3, 'e381'],
    ['utf-8', 'efbfbd0aff', '\ufffd\n\ufffd', 2, 4, 'ff'],
    ['utf-16le', '61000a003dd861000a00', 'a\n\ufffda\n', 2, 4, '3dd8'],
    ['utf-16be', '0061000ade00', 'a\n\ufffd', 2, 4, 'de00'],
    ['utf-16le', '61000a006200ff', 'a\nb\ufffd', 2, 6, 'ff'],
    ['utf-16le', '61000a00feff00620a00', 'a\n\ufffd\u6200\n', 2, 4, 'feff'],
    ['gb18030', '610a81308130ff0a', 'a\n\u0080\ufffd\n', 2, 6, 'ff'],
    ['windows-1255', '610dd90a', 'a\r\ufffd\n', 2, 2, 'd9'],
  ] as const)(
    '%s %s are listed with their line, and stored as U+FFFD',
    (encoding, hex, text, line, at, bad) => {
      const bytes = Buffer.from(hex, 'hex');
      for (const size of [1, 2, 5, 100]) {
        const read = inspect(encoding, ...cut(bytes, size));
        expect(read.text).toBe(text);
        expect(read.inspector.undecodable).toEqual([
          { line, byteOffset: at, bytes: expect.stringMatching(new RegExp(`^${bad.slice(0, 2)}`)) },
        ]);
      }
    },
  );

  it('count once a line, and in the file as sent: the BOM too', () => {
    const bytes = Buffer.from('efbbbf61ff62ff0aff0a', 'hex');
    expect(inspect('utf-8', bytes)).toMatchObject({
      text: 'a\ufffdb\ufffd\n\ufffd\n',
      inspector: {
        hadBom: true,
        undecodable: [
          { line: 1, byteOffset: 4, bytes: 'ff' },
          { line: 2, byteOffset: 8, bytes: 'ff' },
        ],
      },
    });
  });

  it('are found in random bytes where a fatal decoder finds them, line by line, however cut', () => {
    const byte = fc.constantFrom(0x61, 0x0a, 0x0d, 0x2c, 0x80, 0x82, 0xa0, 0xe3, 0x81, 0x93, 0xff, 0x40);
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('shift_jis', 'euc-jp', 'gb18030', 'big5', 'utf-8', 'windows-874'),
        (values, size, encoding) => {
          const bytes = Buffer.from([0x61, 0x61, 0x61, 0x61, ...values]);
          const { strict } = createDecoder(encoding);
          const lines = bytes.toString('latin1').split(/\r\n|\r|\n/);
          const bad = lines.flatMap((line, index) =>
            strict(Buffer.from(line, 'latin1'), false) === undefined ? index + 1 : [],
          );
          const read = inspectAs({ encoding, isForced: true }, ...cut(bytes, size));
          expect(read.inspector.undecodable.map((place) => place.line)).toEqual(bad);
          const whole = inspectAs({ encoding, isForced: true }, bytes);
          expect(read.text).toBe(whole.text);
          expect(read.inspector.undecodable).toEqual(whole.inspector.undecodable);
          expect(read.text.split(/\r\n|\r|\n/)).toHaveLength(lines.length);
        },
      ),
      { numRuns: runs(700) },
    );
  });

  it('are found by halves where they begin', () => {
    const decoder = createDecoder('shift_jis');
    const sound = Buffer.from('山'.repeat(100)).length;
    expect(sound).toBe(300);
    const bytes = Buffer.concat([Buffer.from('8e52'.repeat(1000), 'hex'), Buffer.from('82ff', 'hex')]);
    expect(findUndecodable(decoder, bytes)).toEqual({ at: 2000, length: 2 });
  });

  it('on too many lines refuse the file, with what it may be instead', () => {
    const file = (lines: number): Buffer =>
      Buffer.concat([Buffer.from('a,b\n'), Buffer.from('82ff0a'.repeat(lines), 'hex')]);
    expect(inspect('shift_jis', file(MOST_LINES)).inspector.undecodable).toHaveLength(MOST_LINES);
    expect(() => inspect('shift_jis', file(MOST_LINES + 1))).toThrow(
      /Line 2 \(byte 4 of the file\).*Such bytes are on more than 7 lines of the file \(SLUICE_MAX_UNDECODABLE_LINES\)/,
    );
  });

  it.each([
    ['shift_jis', 'efbbbf61', 'UTF-8'],
    ['utf-8', 'fffe6100', 'UTF-16LE'],
    ['utf-16le', 'feff0061', 'UTF-16BE'],
  ])('%s with the BOM of another encoding is refused', (encoding, hex, likelyEncoding) => {
    expect(() => inspect(encoding, Buffer.from(hex, 'hex'))).toThrow(
      expect.objectContaining({ code: 'FILE_ENCODING', params: expect.objectContaining({ likelyEncoding }) }),
    );
  });

  it.each([
    ['fffe61000a00', 'utf-16le', true],
    ['feff0061000a', 'utf-16be', true],
    ['61000a00', 'utf-16le', false],
  ])('utf-16: the BOM of %s tells the order', (hex, encoding, hadBom) => {
    expect(inspect('utf-16', Buffer.from(hex, 'hex'))).toMatchObject({
      text: 'a\n',
      inspector: { encoding, hadBom },
    });
  });

  it.each([
    ['shift_jis', '610a8e52000a', 'a\n山\ufffd\n', 2, 4, '00'],
    ['utf-16le', '61000a00000062000a00', 'a\n\ufffdb\n', 2, 4, '0000'],
  ])('a NUL in %s costs its line', (encoding, hex, text, line, byteOffset, bytes) => {
    const read = inspect(encoding, Buffer.from(hex, 'hex'));
    expect(read.text).toBe(text);
    expect(read.inspector.undecodable).toEqual([{ line, byteOffset, bytes }]);
  });

  it('NULs on too many lines refuse the file', () => {
    const file = Buffer.from(`a,b\n${`${'x'.repeat(100)}\0\n`.repeat(MOST_LINES + 1)}`);
    expect(() => inspect('windows-1252', file)).toThrow(
      expect.objectContaining({ code: 'FILE_NUL_BYTE', params: { line: 2, byteOffset: 104 } }),
    );
  });
});

/** Of a line that is cut in the way it comes, a part is shown. */
function judged(error: AppError | undefined) {
  const { byteOffset, likelyEncoding } = error?.params ?? {};
  return [error?.code, byteOffset, likelyEncoding];
}

/** What refuses the bytes; undefined: they are taken. */
function refusalOf(encoding: string, bytes: Buffer, isForced = false): AppError | undefined {
  const attempt = (size: number): AppError | undefined => {
    const inspector = createTextInspector({ encoding, isForced }, MOST_LINES);
    try {
      for (const piece of cut(bytes, size)) inspector.push(piece);
      inspector.end();
      return undefined;
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  };
  const whole = attempt(1_000_000);
  for (const size of [1, 2, 3, 7].filter((one) => bytes.length / one < 20_000))
    expectEqual(judged(attempt(size)), judged(whole));
  return whole;
}

describe('bytes that are UTF-8', () => {
  const LEGACY = ALL.filter((encoding) => encoding !== 'utf-8');
  it.each(LEGACY)('are not read as %s', (encoding) => {
    for (const text of ['氏名,b\n東京,c\n', 'a,b\nMüller,c\n', 'a,b\nПривет,мир\n', 'a,b\n5 €,c\n']) {
      const error = refusalOf(encoding, Buffer.from(text))!;
      expect(error).toMatchObject({ code: 'FILE_ENCODING', params: { encoding, likelyEncoding: 'UTF-8' } });
      const { candidates } = error.params as { candidates: { encoding: string; sample: string }[] };
      expect(candidates.map((each) => each.encoding)).toEqual(['UTF-8', encoding]);
      expect(candidates[0]!.sample).toBe(text.trim());
      expect(candidates[1]!.sample).not.toBe(text.trim());
      expect(refusalOf(encoding, Buffer.from(text), true)).toBeUndefined();
    }
  });

  it('are found also where the only such character is at the end of a large file', () => {
    const bytes = Buffer.from(`a,b\n${'x,y\n'.repeat(500_000)}Müller,z\n`);
    expect(refusalOf('windows-1252', bytes)?.params).toMatchObject({
      candidates: [{ sample: 'a,b\nMüller,z' }, { sample: 'a,b\nMÃ¼ller,z' }],
    });
  });

  it('are found also with some bad bytes among them', () => {
    const rows = Array.from({ length: 30 }, (_, at) => `${at},Müller,Köln,Straße\n`).join('');
    const bytes = Buffer.concat([
      Buffer.from(`a,b,c,d\n${rows}`),
      Buffer.from('M\xfcller,x,y,z\n', 'latin1'),
    ]);
    expect(refusalOf('windows-1252', bytes)?.params).toMatchObject({ likelyEncoding: 'UTF-8' });
  });

  it.each(['utf-16le', 'utf-16be', 'utf-16'])('are not read as %s, nor is ASCII', (encoding) => {
    for (const text of ['a,b\nc,d\n', '氏名,b\n', `${'a,b\n'.repeat(2000)}氏名,b\n`])
      expect(refusalOf(encoding, Buffer.from(text))?.params).toMatchObject({ likelyEncoding: 'UTF-8' });
  });
});

describe('bytes that are UTF-16', () => {
  const text = 'name,city\nTarō,Tōkyō\n';
  it.each(['utf-8', 'shift_jis', 'windows-1252', 'gb18030', 'utf-16be', 'utf-16le', 'utf-16'])(
    'are not read as %s',
    (encoding) => {
      const isLittle = encoding === 'utf-16be' || !encoding.startsWith('utf-16');
      const little = Buffer.from(text, 'utf16le');
      const bytes = isLittle ? little : Buffer.from(little).swap16();
      const likelyEncoding = isLittle ? 'UTF-16LE' : 'UTF-16BE';
      expect(refusalOf(encoding, bytes)?.params).toMatchObject({
        likelyEncoding,
        candidates: [
          { encoding: likelyEncoding, sample: 'name,city\nTarō,Tōkyō' },
          { sample: expect.not.stringContaining('\0') },
        ],
      });
    },
  );
});

describe('controls where another encoding has characters', () => {
  it.each([
    ['windows-1252', 'Shift_JIS', '8e8196bc2c8f5a8f8a0d0a8e529363918098592c938c8b9e93738d60e68b'],
    ['iso-8859-2', 'windows-1250', '6a6de96e6f0a9a6b6f6461204e6f76e16b2c9e616262610a'],
  ])('refuse a file that was declared as %s and is %s', (encoding, likelyEncoding, hex) => {
    const error = refusalOf(encoding, Buffer.from(hex, 'hex'));
    expect(error).toMatchObject({ code: 'FILE_ENCODING', params: { encoding, likelyEncoding } });
    expect(error!.message).toContain('forceEncoding=true');
    expect(refusalOf(encoding, Buffer.from(hex, 'hex'), true)).toBeUndefined();
  });

  it('cost their line where nothing else is likely', () => {
    const read = inspect('windows-1252', Buffer.from('a,b\nM\xfcller,x\x81y\nK\xf6ln,z\n', 'latin1'));
    expect(read.text).toBe('a,b\nMüller,x\ufffdy\nKöln,z\n');
    expect(read.inspector.undecodable).toEqual([{ line: 2, byteOffset: 12, bytes: '81' }]);
  });
});

describe('text of a legacy encoding is not taken for UTF-8', () => {
  it.each(SAMPLES.map(([encoding, , hex]) => [encoding, hex] as const))('%s', (encoding, hex) => {
    expect(refusalOf(encoding, Buffer.from(hex, 'hex'))).toBeUndefined();
  });

  it.each([
    ['windows-1252', 'CAFÉ»,x\n', Buffer.from('CAF\xc9\xbb,x\n', 'latin1')],
    ['windows-1252, many times', 'CAFÉ»', Buffer.from('CAF\xc9\xbb,x\n'.repeat(100), 'latin1')],
    ['gbk', '一', Buffer.from('a,b\n\xd2\xbb,x\n', 'latin1')],
  ])('%s: a word that happens to be sound UTF-8 (%s)', (encoding, _text, bytes) => {
    expect(refusalOf(encoding.split(',')[0]!, bytes)).toBeUndefined();
  });
});

describe('the error of a record', () => {
  const places = [3, 5, 6, 9].map((line) => ({ line, byteOffset: line * 10, bytes: '82ff' }));
  const imp = { undecodable: places, encoding: 'shift_jis', columns: [{ header: 'a' }, { header: '氏名' }] };
  it('names cell, line and bytes', () => {
    expect(explainUndecodable(imp, ['x', 'y\ufffd'], 2, 3, 3)).toEqual([
      {
        row: 2,
        line: 3,
        column: { index: 2, name: '氏名' },
        code: 'encoding-error',
        value: 'y\ufffd',
        message: expect.stringContaining('no text in shift_jis (82 FF, byte 30 of the file).'),
      },
    ]);
  });
  it('names a NUL', () => {
    const nul = { ...imp, undecodable: [{ line: 3, byteOffset: 30, bytes: '00' }] };
    expect(explainUndecodable(nul, ['x', 'y\ufffd'], 2, 3, 3)).toMatchObject([
      {
        code: 'encoding-error',
        message: expect.stringContaining('There is a NUL character (byte 30 of the file)'),
      },
    ]);
  });
  it('leaves the cell open where a U+FFFD may be the file’s own', () => {
    expect(explainUndecodable(imp, ['\ufffd', '\ufffd'], 2, 3, 3)).toMatchObject([
      { column: null, value: null },
    ]);
  });
  it('is one for each line of the record', () => {
    expect(explainUndecodable(imp, ['x'], 2, 4, 7)).toHaveLength(2);
  });
  it.each([
    [1, 2],
    [4, 4],
    [7, 8],
    [10, 99],
  ])('is none on lines %i to %i', (line, lineEnd) => {
    expect(explainUndecodable(imp, ['\ufffd'], 1, line, lineEnd)).toBeNull();
  });
});

describe('text of another legacy encoding', () => {
  const JAPANESE =
    '69642c746578740a312c8ca990cf82e082e8919795748dcf82dd0a322c938c8b9e937390e791e393638be60a332c834a835e834a8369955c8ea60a342c835c9841955c8ea6945c97cd0a';
  const EUC_JP =
    '69642c746578740a312cb8abc0d1a4e2a4eac1f7c9d5bad1a4df0a322cc5ecb5fec5d4c0e9c2e5c5c4b6e80a332ca5aba5bfa5aba5cac9bdbca80a342ca5bdcfa2c9bdbca8c7bdcecf0a';
  const BIG5 =
    '69642c746578740a312cbb4fa55fa5abab48b871b0cf0a322cb56fb2bca477b148a5580a332ca4fda470a9fab867b27a0a342cc170b5b8b971b8dc0a';
  const RUSSIAN =
    '69642c746578740a312cccf1eae2e00a322cc8e2e0ed20cfe5f2f0eee20a332cf1f7b8f220eeefebe0f7e5ed0a342cf3ebe8f6e020cbe5ede8ede00a';
  const RUSSIAN_ISO =
    '69642c746578740a312cbcdee1dad2d00a322cb8d2d0dd20bfd5e2e0ded20a332ce1e7f1e220dedfdbd0e7d5dd0a342ce3dbd8e6d020bbd5ddd8ddd00a';

  it.each([
    ['shift_jis', 'Shift_JIS', JAPANESE, ['gb18030', 'gbk', 'euc-kr', 'windows-1251', 'macintosh']],
    ['euc-jp', 'EUC-JP', EUC_JP, ['shift_jis', 'gb18030', 'euc-kr', 'big5', 'windows-1251', 'koi8-r']],
    ['big5', 'Big5', BIG5, ['shift_jis', 'gb18030', 'euc-kr', 'windows-1251']],
    ['windows-1251', 'windows-1251', RUSSIAN, ['gb18030', 'euc-kr', 'big5', 'shift_jis']],
  ])('%s is not read as another', (own, likelyEncoding, hex, others) => {
    const few = Buffer.from(hex, 'hex');
    const bytes = Buffer.concat(Array<Buffer>(8).fill(few));
    for (const encoding of others) {
      expect(refusalOf(encoding, bytes), encoding).toMatchObject({
        code: 'FILE_ENCODING',
        params: { encoding, likelyEncoding },
      });
      expect(refusalOf(encoding, few, true)).toBeUndefined();
    }
    expect(refusalOf(own, bytes)).toBeUndefined();
  });

  it.each([
    ['iso-8859-5', RUSSIAN_ISO],
    ['shift_jis', '610a82a00a82ff0a'],
    ['gb18030', '612c620ab1b12cbea90a'],
    // Names in katakana of half width, as banks have them; rare syllables; traditional characters.
    [
      'shift_jis',
      '6e616d652c6e0abbc4b320cac5ba2c310ad4cfc0de20c0dbb32c320ab2c4b320b9ddbcde2c330ab6ccdebcb7b6deb2bcd42c340a',
    ],
    ['euc-jp', '6e616d652c6e0a8ebb8ec48eb32c3438330a8eb68ecc8ede8ebc8eb72c3631330a'],
    ['euc-kr', '6e616d652c6e0abdd68c632c310a94ee2c320ac0ccbfb5c8f12c330a'],
    ['gbk', '6e616d652c6e0abfcd91f42c3137390a8f888bb82c3834320a97ee88d28d6f2c330a'],
    // No line of it can be decoded, so none would land.
    ['euc-jp', RUSSIAN],
  ])('%s is believed where the bytes say nothing else, or are few', (encoding, hex) => {
    expect(refusalOf(encoding, Buffer.from(hex, 'hex'))).toBeUndefined();
  });

  it('half-width katakana of a whole bank file is what was declared', () => {
    const bytes = Buffer.from(
      '312cbbc4b320cac5ba0a322cd4cfc0de20c0dbb30a332cb2c4b320b9ddbcde0a342cb6ccdebcb7b6deb2bcd40a',
      'hex',
    );
    expect(refusalOf('shift_jis', Buffer.concat(Array<Buffer>(50).fill(bytes)))).toBeUndefined();
  });
});
