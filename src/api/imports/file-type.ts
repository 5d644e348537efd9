// What the headers of a body, or of a form's part, say of the file in it: its packing, its encoding, whether it has a header.
import { findEncoding, type TextEncoding } from '../../core/csv/text/encodings.ts';
import { AppError } from '../../errors.ts';
import type { Packing } from '../../intake/unpack.ts';
import type { RawUploadOptions } from '../../intake/upload-options.ts';

export const PACKING_OF_TYPE: Readonly<Record<string, Packing>> = {
  'application/gzip': 'gzip',
  'application/x-gzip': 'gzip',
  'application/zip': 'zip',
  'application/x-zip-compressed': 'zip',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'zip',
  'application/vnd.oasis.opendocument.spreadsheet': 'zip',
  'application/vnd.ms-excel.sheet.macroenabled.12': 'zip',
};
const NDJSON = /^application\/(?:x-)?(?:ndjson|jsonl|jsonlines)\s*(?:;|$)/i;

/** Raw bodies that are a file. */
export const RAW_FILE_TYPES = [
  'text/csv',
  'text/tab-separated-values',
  'application/x-ndjson',
  'application/jsonl',
  ...Object.keys(PACKING_OF_TYPE),
];

/** What a Content-Type says, as options: a charset, that the file is NDJSON, and of text/csv whether there is a header (RFC 4180). */
export function saidByType(contentType: string, texts: RawUploadOptions): RawUploadOptions {
  const charset = readCharset(contentType);
  const header = /;\s*header="?(present|absent)\b/i.exec(contentType)?.[1]?.toLowerCase();
  if (header !== undefined && texts.header !== undefined && texts.header !== String(header === 'present'))
    throw new AppError(
      'INVALID_REQUEST',
      `The option "header" says ${texts.header}, the Content-Type says header=${header}. Give one of them, or the same.`,
      { option: 'header' },
    );
  return {
    ...(charset === undefined ? {} : { encoding: charset }),
    ...(header === undefined ? {} : { header: String(header === 'present') }),
    ...(texts.format === undefined && NDJSON.test(contentType) ? { format: 'ndjson' } : {}),
  };
}

/** US-ASCII says nothing: it is UTF-8 too, and many clients send it without looking. */
export function readCharset(contentType: string): TextEncoding | undefined {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(contentType)?.[1];
  if (charset === undefined || /^us-ascii$/i.test(charset)) return undefined;
  const encoding = findEncoding(charset);
  if (encoding === undefined)
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Files in ${charset} cannot be read. Send UTF-8, or an encoding of the WHATWG Encoding Standard other than ISO-2022-JP.`,
      { charset },
    );
  return encoding;
}

/** Codings other than gzip would be stored as they are. `identity` and the like change nothing. */
export function refuseCoding(header: string, coding = 'identity'): void {
  if (!/^(identity|binary|[78]bit)?$/i.test(coding.trim()))
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Files with ${header}: ${coding.trim()} are not taken. Send the file as it is, or packed with gzip.`,
      { coding: coding.trim() },
    );
}
