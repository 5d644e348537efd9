// The text of a shared or inline string: its runs joined, without what shows how it is pronounced (furigana).
import type { XmlReader } from './xml-reader.ts';
import { decodeXString } from './xml-text.ts';

const OUTER_BLANKS = /^[\t\n\r ]+|[\t\n\r ]+$/g;

export class CellText {
  #text = '';
  #run = '';
  #inText = false;
  #keepsBlanks = false;
  /** Whether a reading of the text is open. */
  #inReading = false;

  /** An element was opened inside the string. */
  open(xml: XmlReader): void {
    if (xml.isEmpty) return;
    if (xml.name === 'rPh') this.#inReading = true;
    else if (xml.name === 't') {
      this.#inText = true;
      this.#keepsBlanks = xml.attribute('xml:space') === 'preserve';
      this.#run = '';
    }
  }

  add(xml: XmlReader): void {
    if (this.#inText && !this.#inReading) this.#run += xml.text();
  }

  close(xml: XmlReader): void {
    if (xml.name === 'rPh') this.#inReading = false;
    else if (xml.name === 't' && this.#inText) {
      this.#inText = false;
      // Excel passes over outer blanks that the file does not say to keep.
      if (this.#inReading) return;
      const run = this.#keepsBlanks ? this.#run : withoutOuterBlanks(this.#run);
      this.#text += decodeXString(run);
    }
  }

  /** What the cell shows. */
  take(): string {
    return this.#text;
  }
}

const SPACE = 0x20;

function withoutOuterBlanks(text: string): string {
  const isInked = text.charCodeAt(0) > SPACE && text.charCodeAt(text.length - 1) > SPACE;
  return isInked ? text : text.replace(OUTER_BLANKS, '');
}
