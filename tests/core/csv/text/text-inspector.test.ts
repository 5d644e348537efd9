import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecoder } from '../../../../src/core/csv/text/encodings.ts';
import { NulLines } from '../../../../src/core/csv/text/nul.ts';
import { createTextInspector, type TextInspector } from '../../../../src/core/csv/text/text-inspector.ts';
import { AppError } from '../../../../src/errors.ts';
import { expectEqual } from '../../../support/expect-equal.ts';
import { unicodeText, runs } from '../../../support/random.ts';

/** As an upload does it: pieces go in until the text is refused. */
function inspectPieces(pieces: readonly Buffer[]): { text: Buffer; inspector: TextInspector } {
  const inspector = createTextInspector();
  const out: Buffer[] = [];
  for (const piece of pieces) if (inspector.state !== 'refused') out.push(Buffer.from(inspector.push(piece)));
  if (inspector.state !== 'refused') out.push(inspector.end());
  const text = Buffer.concat(out);
  if (inspector.state !== 'text') {
    const before = text.toString('utf8', 0, inspector.refusedAt);
    throw inspector.refusal(before.split(/\r\n?|\n/).length);
  }
  return { text, inspector };
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

/** The refusal, the same for every way the bytes come in. */
function refusal(bytes: Buffer): AppError {
  const attempt = (pieces: Buffer[]): AppError => {
    try {
      inspectPieces(pieces);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
    throw new Error('The bytes were taken');
  };
  const whole = attempt([bytes]);
  for (const size of [1, 2, 3, 5].filter((one) => bytes.length / one < 20_000))
    expect(attempt(cut(bytes, size))).toMatchObject({
      code: whole.code,
      message: whole.message,
      params: whole.params,
    });
  return whole;
}

const utf16le = (text: string): Buffer => Buffer.from(text, 'utf16le');
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const SAMPLE = 'a,b\n氏名,😀\r\né,\ufeff\ufffd\n';

describe('text that is taken', () => {
  const encoded: [string, Buffer, TextInspector['encoding'], boolean][] = [
    ['UTF-8', Buffer.from(SAMPLE), 'utf-8', false],
    ['UTF-8 with BOM', Buffer.from(`\ufeff${SAMPLE}`), 'utf-8', true],
    ['UTF-16LE with BOM', utf16le(`\ufeff${SAMPLE}`), 'utf-16le', true],
    ['UTF-16BE with BOM', utf16be(`\ufeff${SAMPLE}`), 'utf-16be', true],
  ];
  it.each(encoded)('%s is stored as UTF-8 without BOM, cut anywhere', (_name, bytes, encoding, hadBom) => {
    for (let at = 0; at <= bytes.length; at++) {
      const { text, inspector } = inspectPieces([bytes.subarray(0, at), bytes.subarray(at)]);
      expect(text.toString()).toBe(SAMPLE);
      expect(inspector).toMatchObject({ encoding, hadBom });
    }
    expect(inspectPieces(cut(bytes, 1)).text.toString()).toBe(SAMPLE);
  });

  it.each([
    ['nothing', Buffer.alloc(0), ''],
    ['one byte', Buffer.from('a'), 'a'],
    ['a BOM alone', Buffer.from('\ufeff'), ''],
    ['a UTF-16 BOM alone', utf16le('\ufeff'), ''],
    ['a second BOM, which is data', Buffer.from('\ufeff\ufeffa'), '\ufeffa'],
  ])('%s', (_name, bytes, expected) => {
    expect(inspectPieces([bytes]).text.toString()).toBe(expected);
  });

  it('is any text, in any pieces', () => {
    fc.assert(
      fc.property(unicodeText(), fc.integer({ min: 1, max: 5 }), (source, size) => {
        fc.pre(!source.includes('\0') && !source.startsWith('\ufeff'));
        expect(inspectPieces(cut(Buffer.from(source), size)).text.toString()).toBe(source);
        expect(inspectPieces(cut(utf16be(`\ufeff${source}`), size)).text.toString()).toBe(source);
      }),
    );
  });
});

describe('bytes that are not UTF-8 are refused, never replaced', () => {
  it.each([
    ['a stray continuation byte', '612c620a80', 2, 4],
    ['an overlong slash', '612c620ac0af', 2, 4],
    ['an overlong of three bytes', '612c62e080af', 1, 3],
    ['a surrogate', '612c62eda0800a', 1, 3],
    ['beyond U+10FFFF', '612c62f4908080', 1, 3],
    ['a character cut off by the end of the file', '612c620d0ae6b0', 2, 5],
    ['a character cut off by a line end', '612c620de60a', 2, 4],
  ])('%s', (_name, hex, line, byteOffset) => {
    const error = refusal(Buffer.from(hex, 'hex'));
    expect(error).toMatchObject({ code: 'FILE_ENCODING', params: { line, byteOffset } });
    expect(error.message).toContain(`Line ${line} (byte ${byteOffset} of the file) is not UTF-8.`);
    expect(error.message).toMatch(/save it as UTF-8 \(in Excel: "CSV UTF-8"\)/i);
  });

  it('is as strict as a fatal decoder on random bytes', () => {
    const bytes = fc.array(
      fc.constantFrom(
        0x61,
        0x0a,
        0x80,
        0xbf,
        0xc1,
        0xc3,
        0xe0,
        0xa0,
        0xed,
        0xe6,
        0xf0,
        0x90,
        0xf4,
        0x8f,
        0xff,
      ),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 4 }), (values, size) => {
        const buffer = Buffer.from([0x61, 0x61, 0x61, 0x61, ...values]);
        const succeeds = (attempt: () => unknown): boolean => {
          try {
            attempt();
            return true;
          } catch {
            return false;
          }
        };
        const isText = succeeds(() => new TextDecoder('utf-8', { fatal: true }).decode(buffer));
        expectEqual(
          succeeds(() => inspectPieces(cut(buffer, size))),
          isText,
        );
      }),
      { numRuns: runs(1000) },
    );
  });

  it('names the line by physical lines: CRLF once, lone CR too', () => {
    expect(refusal(Buffer.from('a\r\nb\rc\n\nd\xff', 'latin1')).params).toMatchObject({
      line: 5,
      byteOffset: 9,
    });
  });
});

/** In an encoding with one byte for each character. */
function encode(text: string, encoding: string): Buffer {
  const { loose } = createDecoder(encoding);
  const bytes = new Map(Array.from({ length: 256 }, (_, byte) => [loose(Buffer.of(byte)), byte]));
  return Buffer.from(Array.from(text, (character) => bytes.get(character)!));
}

describe('the likely encoding is told', () => {
  it.each([
    [
      'Shift_JIS',
      '8e8196bc2c9364986294d48d862c8f5a8f8a0a8e52936391be98592c30393031323334353637382c938c8b9e937390e791e393638be60a',
    ],
    [
      'Shift_JIS',
      '8e8196bc2c8f5a8f8a0a8e52936391be98592c938c8b9e937390e791e393638be60a8db293a189d48e712c91e58de3957b91e58de38e730a',
    ],
    [
      'Shift_JIS',
      '30313130312cceafb6b2c4deb32cbbafcedfdbbcc1adb3b5b3b82c966b8a4393b92c8e4496798e739286899b8be60a',
    ],
    [
      'EUC-JP',
      'bbe1ccbe2cc5c5cfc3c8d6b9e62cbdbbbdea0abbb3c5c4c2c0cfba2c30393031323334353637382ca4d2a4e9a4aca4caa4c8a5aba5bfa5aba5ca0a',
    ],
    [
      'GB18030',
      'd0d5c3fb2cb5d8d6b72cb1b8d7a20ad5c5ceb02cb1b1bea9cad0b3afd1f4c7f8bda8b9fac2b72cd5e2cac7d2bbb8f6b2e2cad4cec4bcfe0a',
    ],
    [
      'EUC-KR',
      'c0ccb8a72cc1d6bcd20ac8abb1e6b5bf2cbcadbfefc6afbab0bdc320b0adb3b2b1b80ab1e8c3b6bcf62cbacebbeab1a4bfaabdc320c7d8bfeeb4ebb1b80a',
    ],
    [
      'windows-1252',
      '6e6f6d2c76696c6c650a48e96ce86e652c4f726ce9616e730a4672616ee76f69732c426573616ee76f6e0a',
    ],
    ['windows-1252', '6e616d652c6f72740a4dfc6c6c65722c4bf66c6e0a53747261df652c44fc7373656c646f72660a'],
  ])('%s', (likelyEncoding, hex) => {
    const error = refusal(Buffer.from(hex, 'hex'));
    expect(error).toMatchObject({ code: 'FILE_ENCODING', params: { likelyEncoding } });
    expect(error.message).toContain(`The file looks like ${likelyEncoding}.`);
  });

  it.each([
    ['windows-1251', 'e8ecff2ce3eef0eee40ac8e2e0ed20cfe5f2f0eee22ccceef1eae2e00a'],
    ['windows-1250', '6e617a7769736b6f2c6d696173746f0aa3756b61737a2057699c6e696577736b692ca3f3649f0a'],
    [
      'windows-1254',
      '61642cfe656869720a49fefd6c2059fd6c64fd7a2cdd7374616e62756c0ac761f06c6120d67a74fc726b0a',
    ],
  ])('%s, and its siblings in which the bytes are text too', (likelyEncoding, hex) => {
    const { message, params } = refusal(Buffer.from(hex, 'hex'));
    const { candidates } = params as { candidates: { encoding: string; confidence: number }[] };
    expect(candidates[0]).toMatchObject({ encoding: likelyEncoding });
    expect(candidates[0]!.confidence).toBeLessThan(1);
    expect(candidates.map(({ encoding }) => encoding)).toHaveLength(3);
    expect(
      candidates.every(({ encoding }) => /^(?:windows-|iso-8859-2|koi8-|macintosh)/.test(encoding)),
    ).toBe(true);
    expect(message).toContain(likelyEncoding);
  });

  // Of each language a file as people have it; the likeliest encoding was another one when letters were not told apart by language.
  it.each([
    ['windows-1252', 'Päivämäärä;Määrä;Saaja\nSähkölasku;-12,30;Länsi-Säästö\n', 'Kirjauspäivä'],
    ['windows-1252', 'Bokföringsdag;Belopp\nÖVERFÖRING ÅÄÖ;1\n', 'Åsa'],
    ['windows-1252', 'FOLGELASTSCHRIFT MÜLLER GRÖSSE;Grüße\n', 'Straße'],
    ['windows-1250', 'Őrült árvíztűrő tükörfúrógép;Összeg\n', 'könyvelés'],
    ['iso-8859-2', 'Zażółć gęślą jaźń;Łódź\n', 'Kwota'],
    ['windows-1253', 'Ημερομηνία;Ποσό\nΠληρωμή λογαριασμού;1\n', 'Περιγραφή'],
    ['windows-1255', 'תאריך;סכום\nהעברה בנקאית;1\n', 'תיאור'],
    ['windows-1256', 'التاريخ;المبلغ\nتحويل مصرفي;1\n', 'البيان'],
    ['windows-1257', 'Datums;Summa\nPārskaitījums Jānis Bērziņš;Šķēle\n', 'Maksājums'],
    ['windows-874', 'วันที่;จำนวนเงิน\nโอนเงินให้บริษัท;1\n', 'รายการ'],
    ['koi8-r', 'Дата;Сумма\nПеревод средств;Иванов Пётр\n', 'Описание'],
    ['ibm866', 'Дата;Сумма\nПеревод средств;Иванов Петр\n', 'Описание'],
    ['macintosh', 'Überweisung für Größe;Äpfel\n', 'Straße'],
    ['ibm850', 'Name;Ort\nMüller;Köln\n', 'Straße'],
    ['ibm850', 'FOLGELASTSCHRIFT MÜLLER GRÖSSE;Grüße\n', 'Straße'],
    ['ibm850', 'Société Générale;Hélène\n', 'forêt'],
    ['ibm850', 'España;Muñoz\nJosé;Pérez\n', 'año'],
    ['ibm850', 'Bokföringsdag;Belopp\nVästerås;Åre\n', 'Malmö'],
    ['ibm850', 'København;Ærø\nÅrhus;Sørensen\n', 'Århus'],
    ['ibm852', 'Plzeň;Dvořák\nŠtěpán;Růžička\n', 'účet'],
    ['ibm852', 'Łódź;Gdańsk\nKraków;Wrocław\n', 'kwota złotych'],
    ['ibm857', 'İstanbul;Şişli\nGüneş;Işık\n', 'açıklama'],
    ['ibm737', 'Αθήνα;Πειραιάς\nΓιώργος;Ελένη\n', 'ποσό'],
    ['ibm775', 'Šiauliai;Žemaitė\nPanevėžys;Kaunas\n', 'suma ūkio'],
    ['ibm862', 'ירושלים;תל אביב\n', 'סכום'],
  ])('%s by its language: %s', (encoding, text, more) => {
    const { params } = refusal(encode(`${text}${more};x\n`, encoding));
    const { candidates } = params as { candidates: { encoding: string; sample: string }[] };
    expect(candidates[0]!.encoding).toBe(encoding);
  });

  it('by lines that the candidates read differently, also where their first letters are the same', () => {
    const { params } = refusal(encode(`${'ö;ä;1\n'.repeat(20)}Þórður;2\n`, 'windows-1252'));
    const { candidates } = params as { candidates: { encoding: string; sample: string }[] };
    expect(candidates[0]).toMatchObject({
      encoding: 'windows-1252',
      sample: expect.stringContaining('Þórður;2'),
    });
    expect(new Set(candidates.map(({ sample }) => sample)).size).toBe(candidates.length);
  });

  it('and where two fit, both are named', () => {
    // ХЛЕБ in windows-1251, and ΥΛΕΑ in windows-1253.
    const { message } = refusal(Buffer.from('d5cbc5c10a', 'hex'));
    expect(message).toMatch(/could be windows-1253,? .*windows-1251/);
  });

  it.each([
    ['UTF-16LE', utf16le('name,city\nTarō,Tōkyō\n')],
    ['UTF-16BE', utf16be('name,city\nTarō,Tōkyō\n')],
    ['UTF-16LE', utf16le('氏名,住所\n山田太郎,東京都\n')],
  ])('%s without a BOM', (likelyEncoding, bytes) => {
    const error = refusal(bytes);
    expect(error).toMatchObject({ code: 'FILE_ENCODING', params: { likelyEncoding } });
    expect(error.message).toContain('without a BOM');
  });

  it('also far into the file, and the sample is bounded', () => {
    const bytes = Buffer.concat([
      Buffer.from('a,b\n'.repeat(50_000)),
      Buffer.from('8e8196bc2c936498620a', 'hex'),
      Buffer.alloc(100_000, 'x'),
    ]);
    expect(refusal(bytes).params).toEqual({
      line: 50_001,
      byteOffset: 200_000,
      likelyEncoding: 'Shift_JIS',
      candidates: [{ encoding: 'Shift_JIS', confidence: expect.closeTo(1, 0), sample: 'a,b\n氏名,電話' }],
    });
  });

  it('with up to three candidates, each with what the first lines would say', () => {
    const bytes = Buffer.from('bbe1ccbe2cbdbbbdea0abbb3c5c4c2c0cfba2cc5ecb5fec5d40a', 'hex');
    const { candidates } = refusal(bytes).params as {
      candidates: { encoding: string; confidence: number; sample: string }[];
    };
    expect(candidates.length).toBeGreaterThan(0);
    expect(candidates.length).toBeLessThanOrEqual(3);
    expect(candidates[0]).toMatchObject({ encoding: 'EUC-JP', sample: '氏名,住所\n山田太郎,東京都' });
    const confidences = candidates.map(({ confidence }) => confidence);
    expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
    expect(confidences.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(1.01);
  });

  it('UTF-16 without a BOM too', () => {
    expect(refusal(utf16le('name,city\r\nTarō,Tōkyō\r\n')).params).toMatchObject({
      candidates: [{ encoding: 'UTF-16LE', confidence: 1, sample: 'name,city\nTarō,Tōkyō' }],
    });
  });

  it('is left open when nothing fits', () => {
    expect(refusal(Buffer.from('61e4c4a484ffc361', 'hex')).params).toMatchObject({ likelyEncoding: null });
  });
});

describe('ISO-2022-JP', () => {
  const JIS = '\x1b$B;3ED\x1b(B';

  it.each([JIS, '\x1b$@;3ED\x1b(J', '\x1b(I1\x1b(B', '\x1b$(D0!\x1b(B'])(
    'is refused though its bytes are ASCII: %j',
    (text) => {
      const { code, message, params } = refusal(Buffer.from(`name,city\r\na,${text}\r\n`));
      expect([code, params]).toEqual([
        'FILE_ENCODING',
        { line: 2, byteOffset: 13, likelyEncoding: 'ISO-2022-JP', candidates: [] },
      ]);
      expect(message).toContain('Save it as UTF-8');
    },
  );

  it('is told from other escape sequences, and from the lack of any', () => {
    for (const text of ['\x1b[31mred\x1b[0m', '\x1b', '\x1b$', '$B;3ED(B', '\x1b(B', 'x\x1b$C'])
      expect(inspectPieces(cut(Buffer.from(`a\n${text}`), 2)).text.toString()).toBe(`a\n${text}`);
  });

  it('is taken for text where the sender says that it is UTF-8', () => {
    const inspector = createTextInspector({ encoding: 'utf-8' });
    expect(Buffer.concat([inspector.push(Buffer.from(JIS)), inspector.end()]).toString()).toBe(JIS);
  });
});

describe('UTF-16 with a BOM', () => {
  it.each([
    ['a lone high surrogate', utf16le('\ufeffa\nb\ud83dc'), 2, 8, 'a\nb\ufffdc'],
    ['a lone low surrogate', utf16be('\ufeffa\nb\ude00c'), 2, 8, 'a\nb\ufffdc'],
    ['a high surrogate at the end', utf16le('\ufeffab\ud83d'), 1, 6, 'ab\ufffd'],
    ['an odd byte at the end', Buffer.concat([utf16le('\ufeffab'), Buffer.of(0x61)]), 1, 6, 'ab\ufffd'],
  ])('%s costs its line', (_name, bytes, line, byteOffset, text) => {
    for (const size of [1, 3, 100]) {
      const read = inspectPieces(cut(bytes, size));
      expect(read.text.toString()).toBe(text);
      expect(read.inspector.undecodable).toMatchObject([{ line, byteOffset }]);
    }
  });

  it('UTF-32 is told apart', () => {
    expect(refusal(Buffer.from('fffe0000610000002c000000', 'hex'))).toMatchObject({
      code: 'FILE_ENCODING',
      params: { likelyEncoding: 'UTF-32LE' },
    });
  });
});

describe('a NUL character', () => {
  it.each([
    ['in UTF-8', Buffer.from('a,b\nc\0,d\n'), 'a,b\nc\ufffd,d\n', 2, 5],
    ['at the end', Buffer.from('a,b\n\0'), 'a,b\n\ufffd', 2, 4],
    ['two on a line', Buffer.from('a,b\n\0cd\0\n'), 'a,b\n\ufffdcd\ufffd\n', 2, 4],
    ['many in a row', Buffer.from(`\ufeffa,b\n${'\0'.repeat(100)}\n`), 'a,b\n\ufffd\n', 2, 7],
    ['a hole of many KiB', Buffer.from(`a,b\n${'\0'.repeat(9000)}c\n`), 'a,b\n\ufffdc\n', 2, 4],
    ['in UTF-16', utf16le('\ufeffa,b\nc\0,d\n'), 'a,b\nc\ufffd,d\n', 2, 12],
  ])('%s becomes U+FFFD, and costs its line', (_name, bytes, text, line, byteOffset) => {
    for (const size of [1, 2, 7, 10_000]) {
      const read = inspectPieces(cut(bytes, size));
      // A row of NULs that is cut has a sign for each piece.
      expect(read.text.toString().replaceAll(/\ufffd+/g, '\ufffd')).toBe(text);
      expect(placesOf(read)).toMatchObject([{ line, byteOffset }]);
    }
  });

  it('is counted by lines, wherever the text is cut', () => {
    const text = Buffer.from('a\r\n\0b\r\nc\r\n\0\r\n\r\nd\0\n');
    for (const size of [1, 2, 3, 5, 100]) {
      const read = inspectPieces(cut(text, size));
      expect(placesOf(read).map(({ line, byteOffset }) => [line, byteOffset])).toEqual([
        [2, 3],
        [4, 10],
        [6, 16],
      ]);
    }
  });

  it.each([
    ['every ten bytes', Buffer.from(`a,b\n${'abcd\0,efg\n'.repeat(1000)}`), 2, 8],
    ['in a small file', Buffer.from(`a,b\n${'\0x'.repeat(8)}\n`), 2, 4],
  ])('%s refuses the file', (_name, bytes, line, byteOffset) => {
    expect(refusal(bytes)).toMatchObject({ code: 'FILE_NUL_BYTE', params: { line, byteOffset } });
  });

  it('on too many places refuses the file', () => {
    const inspector = createTextInspector({}, 3);
    inspector.push(Buffer.from(`a\n${'\0'.padEnd(200, 'x\n').repeat(3)}`));
    expect(inspector.state).not.toBe('refused');
    inspector.push(Buffer.from(`${'x'.repeat(5000)}\0`));
    expect(inspector.state).toBe('refused');
    expect(inspector.refusal(2)).toMatchObject({ code: 'FILE_NUL_BYTE', params: { line: 2, byteOffset: 2 } });
  });
});

/** As an upload finds them. */
function placesOf({ text, inspector }: { text: Buffer; inspector: TextInspector }) {
  const lines = new NulLines(inspector.nuls);
  lines.push(text);
  return [...inspector.undecodable, ...lines.places];
}

interface Candidate {
  readonly encoding: string;
  readonly confidence: number;
  readonly sample: string;
  readonly rejects?: number;
}

describe('UTF-8 with some bad bytes', () => {
  const candidatesOf = ({ params }: AppError): Candidate[] => params['candidates'] as Candidate[];
  const bad = (text: string): Buffer =>
    Buffer.concat(
      text.split('#').flatMap((part, at) => [...(at === 0 ? [] : [Buffer.of(0xfc)]), Buffer.from(part)]),
    );

  it('is UTF-8 first, with how many lines that would reject', () => {
    const error = refusal(bad('氏名,住所\n山田,東京\nM#ller,大阪\n鈴木,京都\n'));
    const [first, ...others] = candidatesOf(error);
    expect(first).toMatchObject({ encoding: 'UTF-8', rejects: 1, sample: '氏名,住所\nM\ufffdller,大阪' });
    expect(error.params).toMatchObject({ line: 3, likelyEncoding: 'UTF-8' });
    expect(others.every(({ encoding }) => encoding.startsWith('windows-125'))).toBe(true);
    expect(error.message).toMatch(
      /All other lines are\..*encoding=utf-8: the record on this line is rejected/,
    );
  });

  it.each([
    ['far behind the characters that show it', `氏名,b\n${'a,b\n'.repeat(20_000)}M#ller,c\n`, 1],
    ['far before them', `a,b\nM#ller,c\n${'a,b\n'.repeat(100)}氏名,b\n`, 1],
    ['on several lines, and twice on one', 'é,ü\nM#ller,#\nä,ö\nM#ller,c\n', 2],
  ])('%s', (_name, text, rejects) => {
    expect(candidatesOf(refusal(bad(text)))[0]).toMatchObject({ encoding: 'UTF-8', rejects });
  });

  it('cut off within a character is UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from('氏名,住所\n山田,東京'),
      Buffer.from('e5a4', 'hex'),
      Buffer.from('\n鈴木,京都\n'),
    ]);
    expect(candidatesOf(refusal(bytes))[0]).toMatchObject({ encoding: 'UTF-8', rejects: 1 });
  });

  it('what else it may be is judged by the bad bytes alone', () => {
    const cell = Buffer.from('8e5293639177985990ec96e5938c8b9e', 'hex');
    const bytes = Buffer.concat([Buffer.from('氏名,住所\n'.repeat(40)), cell, Buffer.from(',b\n')]);
    expect(candidatesOf(refusal(bytes)).map(({ encoding }) => encoding)).toEqual(['UTF-8', 'Shift_JIS']);
  });

  it('on too many lines is no longer sent as it is', () => {
    const inspector = createTextInspector({}, 2);
    inspector.push(bad(`氏名${'氏名,M#ller\n'.repeat(3)}`));
    expect(inspector.state).toBe('refused');
    const error = inspector.refusal(1);
    expect(error.message).toContain('more than 2 lines (SLUICE_MAX_UNDECODABLE_LINES)');
    expect(candidatesOf(error)[0]).not.toHaveProperty('rejects');
  });

  it('a long line is shown around its bad byte', () => {
    const error = refusal(bad(`é,b\n${'x'.repeat(3000)}M#ller${'y'.repeat(3000)}\n`));
    const [, line] = candidatesOf(error)[0]!.sample.split('\n');
    expect(line).toMatch(/^…x+M\ufffdllery+$/);
    expect(line!.length).toBeLessThan(90);
  });
});
