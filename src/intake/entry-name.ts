// What an entry of a ZIP archive is called. Old programs write names in the code page of their system and do not say which: on Japanese
// Windows that is CP932, where the second byte of a character may be a backslash (表, ソ, 能), which separates no folders then.
import { isUtf8 } from 'node:buffer';
import yauzl, { type Entry } from 'yauzl';
import { createDecoder } from '../core/csv/text/encodings.ts';

export interface EntryName {
  readonly text: string;
  readonly isFolder: boolean;
  /** A hidden file, or what a system or a program puts beside files. */
  readonly isBeside: boolean;
}

const SAYS_UTF8 = 0x800;
const BACKSLASH = 0x5c;

export function readEntryName({ fileNameRaw, extraFields }: Entry): EntryName {
  // As UTF-8, or what the field for Unicode names (0x7075) says.
  const unicode = yauzl.getFileNameLowLevel(SAYS_UTF8, fileNameRaw, extraFields, true);
  if (isUtf8(fileNameRaw) || !unicode.includes('\ufffd')) return named(unicode, unicode.split(/[\\/]/));
  return named(
    japanese(fileNameRaw) ?? yauzl.getFileNameLowLevel(0, fileNameRaw, [], true),
    partsOf(fileNameRaw),
  );
}

function named(text: string, parts: readonly string[]): EntryName {
  return { text, isFolder: parts.at(-1) === '', isBeside: isBeside(parts) };
}

const LAST_ASCII = 0x7f;

/** The folders and the name, whatever the code page is: a backslash behind a byte that is not ASCII may be half a character. */
function partsOf(raw: Buffer): string[] {
  const separated = raw.map((byte, at) =>
    byte === BACKSLASH && (raw[at - 1] ?? 0) <= LAST_ASCII ? 0x2f : byte,
  );
  return Buffer.from(separated).toString('latin1').split('/');
}

/** What Windows and macOS put into folders, and what Office leaves beside a file that is open (`~$a.xlsx`). */
const OF_SYSTEM = /^(?:~\$|\.|(?:thumbs\.db|ehthumbs\.db|desktop\.ini|icon\r)$)/i;

function isBeside(parts: readonly string[]): boolean {
  return OF_SYSTEM.test(parts.at(-1)!) || parts.includes('__MACOSX');
}

/** Kana, kanji, letters and digits of full width, and what joins them. */
const JAPANESE = /^[ -~\u3005-\u3007\u3041-\u30ff\u4e00-\u9fff\uff01-\uff5e\uff66-\uff9f]*$/;
/** One kanji among Latin letters: an accented letter and its neighbour, in another code page. */
const AMONG_LETTERS = /[a-z][\u4e00-\u9fff](?![\u3041-\u9fff])/i;

/** Undefined when the bytes do not read as Japanese. */
function japanese(raw: Buffer): string | undefined {
  const text = createDecoder('shift_jis').strict(raw, false);
  return text !== undefined && JAPANESE.test(text) && !AMONG_LETTERS.test(text) ? text : undefined;
}
