// The text of a cell of an OpenDocument spreadsheet: its paragraphs, each a line. Runs of blanks in the XML are one blank; more of them, tabs
// and line breaks are elements (ODF 1.3 part 3, 6.1.2).
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
  /** The paragraph begins, or ends with a blank of the XML: a blank that follows is passed over. */
  #takesNoBlank = true;

  get hasParagraphs(): boolean {
    return this.#paragraphs > 0;
  }

  openParagraph(): void {
    if (this.#paragraphs++ > 0) this.#text += '\n';
    this.#takesNoBlank = true;
  }

  /** An element was opened in a paragraph. @returns false when what is in it is no part of the text */
  open(xml: XmlReader): boolean {
    switch (xml.name) {
      case 's':
        this.#put(' '.repeat(countOf(xml.attribute('text:c'))));
        return true;
      case 'tab':
        this.#put('\t');
        return true;
      case 'line-break':
        this.#put('\n');
        return true;
      default:
        return !BESIDE_TEXT.has(xml.name);
    }
  }

  add(text: string): void {
    let run = /[\t\n\r]| {2}/.test(text) ? text.replace(/[\t\n\r ]+/g, ' ') : text;
    if (this.#takesNoBlank && run.startsWith(' ')) run = run.slice(1);
    if (run === '') return;
    this.#text += run;
    this.#takesNoBlank = run.endsWith(' ');
  }

  take(): string {
    return this.#text;
  }

  #put(text: string): void {
    this.#text += text;
    this.#takesNoBlank = false;
  }
}

/** More blanks than a cell may hold are as many as are too many. */
function countOf(said: string | undefined): number {
  const count = Number(said ?? 1);
  return Number.isInteger(count) && count > 0 ? Math.min(count, MAX_STRING_BYTES + 1) : 1;
}
