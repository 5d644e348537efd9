// The text of a cell of an OpenDocument spreadsheet: its paragraphs, each a line. Runs of blanks, tabs and line breaks are elements. Blanks
// that stand in the XML are kept, as LibreOffice does: it writes a blank that begins a line so, although ODF 1.3 (part 3, 6.1.2) drops it.
import { MAX_STRING_BYTES } from '../string-store.ts';
import type { XmlReader } from '../xml-reader.ts';

/** What is in a paragraph and not part of the text: comments, footnotes, drawings, readings of Japanese. */
const BESIDE_TEXT = new Set([
  'annotation',
  'note',
  'ruby-text',
  'frame',
  'g',
  'custom-shape',
  'rect',
  'line',
  'polyline',
  'polygon',
  'path',
  'circle',
  'ellipse',
  'caption',
  'control',
  'connector',
  'measure',
]);

export class OdsCellText {
  #text = '';
  #paragraphs = 0;

  openParagraph(): void {
    if (this.#paragraphs++ > 0) this.#text += '\n';
  }

  /** An element was opened in a paragraph. @returns false when what is in it is no part of the text */
  open(xml: XmlReader): boolean {
    switch (xml.name) {
      case 's':
        this.add(' '.repeat(countOf(xml.attribute('text:c'))));
        return true;
      case 'tab':
        this.add('\t');
        return true;
      case 'line-break':
        this.add('\n');
        return true;
      default:
        return !BESIDE_TEXT.has(xml.name);
    }
  }

  /** A text that is too long for a cell already grows no more. */
  add(text: string): void {
    if (this.#text.length <= MAX_STRING_BYTES) this.#text += text;
  }

  take(): string {
    return this.#text;
  }
}

/** More blanks than a cell may hold are as many as are too many. */
function countOf(said: string | undefined): number {
  const count = Number(said ?? 1);
  return Number.isInteger(count) && count > 0 ? Math.min(count, MAX_STRING_BYTES + 1) : 1;
}
