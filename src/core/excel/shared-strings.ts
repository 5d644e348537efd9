// xl/sharedStrings.xml: the texts of a workbook, each once. They are kept as they will stand in the text of a sheet.
import { MAX_STRING_BYTES } from './string-store.ts';
import { writeError, writeText } from './sheet-cell.ts';
import { CellText } from './cell-text.ts';
import { UsualString } from './usual-string.ts';
import { XmlReader, type XmlEvent } from './xml-reader.ts';

/** Where the strings are kept, in their order. */
export interface StringSink {
  add(text: string): void;
  addBytes(bytes: Buffer, start: number, end: number): void;
}

/** @throws XmlProblem */
export function createSharedStringsReader(sink: StringSink): { push(chunk: Buffer | null): void } {
  const xml = new XmlReader();
  const usual = new UsualString();
  let text: CellText | undefined;
  /** What comes next, behind the texts that can be read without the XML reader. */
  const next = (): XmlEvent => {
    if (text === undefined && xml.depth > 0)
      for (; usual.read(xml.bytes, xml.at); xml.at = usual.next)
        sink.addBytes(xml.bytes, usual.start, usual.end);
    return xml.next();
  };
  return {
    push(chunk) {
      xml.push(chunk);
      for (let event = next(); event !== 'more' && event !== 'end'; event = next()) {
        if (event === 'text') text?.add(xml);
        else if (event === 'open') {
          if (xml.name === 'si' && text === undefined) {
            if (xml.isEmpty) sink.add('');
            else text = new CellText();
          } else text?.open(xml);
        } else if (xml.name === 'si') {
          if (text !== undefined) sink.add(writeCellText(text.take()));
          text = undefined;
        } else text?.close(xml);
      }
    },
  };
}

/** What a text of a workbook is in the text of a sheet. */
export function writeCellText(text: string): string {
  // The first test is quick, and says no to nearly all.
  if (/[\0\ud800-\udfff]/.test(text) && /[\0\p{Surrogate}]/u.test(text))
    return writeError(
      '#TEXT',
      'holds a NUL or half a character, which no database takes; type the text again',
    );
  const written = writeText(text);
  return written.length > MAX_STRING_BYTES / 3 && Buffer.byteLength(written) > MAX_STRING_BYTES
    ? writeError('#LONG', 'holds a text that is longer than Excel takes (32,767 characters); make it shorter')
    : written;
}
