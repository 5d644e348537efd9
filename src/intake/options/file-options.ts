// Options that say how the file is written: its dialect and encoding.
import { Type } from 'typebox';
import {
  parseComment,
  parseDelimiter,
  parseEscape,
  parseQuote,
} from '../../core/csv/dialect/dialect-options.ts';
import { findEncoding, type TextEncoding } from '../../core/csv/text/encodings.ts';
import { cleanFileName } from '../file-name.ts';
import { count, countOrNone, flag, flagOrNone, text, wrong, type UploadOption } from './option.ts';

const MAX_SKIPPED_LINES = 1000;

export const FILE_OPTIONS = {
  delimiter: text(parseDelimiter, {
    schema: Type.String({ minLength: 1, maxLength: 9 }),
    doc: 'What separates two cells: one character such as `;`, or two that differ, such as a comma and a space.',
    more: 'Names are taken too: `comma`, `semicolon`, `pipe`, `colon`, `tab`, `space`. A letter, digit, quote or backslash is not taken.',
    without: 'as Excel’s first line `sep=;` says, or detected from the head of the file',
    flag: { flags: '--delimiter <character>' },
    retry: 'own',
  }),
  quote: text(parseQuote, {
    schema: Type.Enum(['"', "'", 'none'], { type: 'string' }),
    doc: 'The quote that may be around a cell.',
    without: '`"`, unless the file shows another',
    takesOthers: true,
    flag: { flags: '--quote <character>' },
    retry: 'own',
  }),
  escape: text(parseEscape, {
    schema: Type.Enum(['doubled', 'backslash'], { type: 'string' }),
    doc: 'How a quote is written inside a quoted cell: twice, or after a backslash.',
    without: '`doubled`, unless the file shows the other',
    takesOthers: true,
    flag: { flags: '--escape <how>' },
    retry: 'own',
  }),
  comment: {
    schema: Type.String({ pattern: '^([!#$%&*/;@^~|]|none)$', default: 'none' }),
    doc: 'Skips lines that begin with this character where a record could begin.',
    more: '`none`: there are no such lines.',
    read: (said) => (said === undefined ? null : parseComment(said)),
    flag: { flags: '--comment <character>' },
    retry: 'own',
  } as UploadOption<string | null>,
  skipInitialSpace: flagOrNone({
    doc: 'Whether blanks behind a delimiter are left out (`true`) or part of the cell (`false`).',
    more: 'With `true` a quote behind a blank opens a quoted cell: `1, "a, b"`.',
    without:
      'they are part of the cell; if nearly every cell has one, and a text would keep it, the answer is 422',
    flag: { flags: '--skip-initial-space <boolean>' },
    retry: 'own',
  }),
  header: flag(true, {
    doc: 'Whether the file has a header.',
    more: 'Without one (`false`), the columns are the fields of the dataset in order, all of them, or what `mapping` says.',
    flag: {
      flags: '--no-header',
      help: 'The file has no header: its columns are the fields of the dataset in order.',
    },
    retry: 'own',
  }),
  skipLines: count(MAX_SKIPPED_LINES, 0, {
    doc: 'How many physical lines to skip above the header, or above the first record.',
    more: 'A first line `sep=;` is always passed over, and counts as one of them.',
    flag: { flags: '--skip-lines <n>' },
    retry: 'own',
  }),
  skipAfterHeader: countOrNone(MAX_SKIPPED_LINES, {
    doc: 'How many lines right below the header to skip, such as units or the questions of a survey.',
    more: 'Blank lines do not count, and a record of several lines is one. Without a header it skips nothing.',
    without:
      'none; if text stands there in columns that hold numbers below, and would land, the answer is 422',
    flag: { flags: '--skip-after-header <n>' },
    retry: 'own',
  }),
  encoding: text(readEncoding, {
    schema: Type.String({ minLength: 1 }),
    doc: 'The encoding of the file, by any label of the WHATWG Encoding Standard except ISO-2022-JP.',
    more: 'Such as `shift_jis` (CP932, as Excel writes it in Japan), `euc-jp`, `gb18030`, `big5`, `euc-kr`, `windows-1252`, `iso-8859-2` or `utf-16le`. A record with undecodable bytes is rejected with `encoding-error`, and the others land; a file with more such lines than `maxUndecodableLines` of the dataset’s limits is refused.',
    without: 'by the BOM; with no BOM, the whole file must be UTF-8',
    flag: { flags: '--encoding <label>' },
    retry: 'own',
  }),
  fileName: {
    schema: Type.String(),
    doc: 'The name of the file, as people see it.',
    without: 'the name of the file that is sent; a raw body has none',
    read: cleanFileName,
    flag: { flags: '--file-name <name>' },
    retry: 'own',
  } as UploadOption<string | null>,
};

function readEncoding(label: string, name: string): TextEncoding {
  const encoding = findEncoding(label);
  if (encoding === undefined)
    throw wrong(
      name,
      `must be a label of the WHATWG Encoding Standard, such as utf-8, shift_jis, euc-jp, gb18030, big5, euc-kr, windows-1252 or utf-16le, and not ISO-2022-JP; ${JSON.stringify(label.slice(0, 40))} is not known`,
    );
  return encoding;
}
