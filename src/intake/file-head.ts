// Stage 3 of taking a file in: the first bytes of its text say how it is cut into cells, and which fields its columns feed.
import { holdsRecords } from '../core/csv/dialect/header.ts';
import { readPreamble, type Preamble } from '../core/csv/dialect/preamble.ts';
import { NulLines } from '../core/csv/text/nul.ts';
import type { UndecodablePlace } from '../core/csv/text/undecodable.ts';
import { AppError } from '../errors.ts';
import { findJson } from './foreign-file.ts';
import type { FileText } from './file-text.ts';
import type { FileShape, ReadShape } from './file-shape.ts';
import type { UploadOptions } from './upload-options.ts';

/** Lines above the header stand in so many bytes; dialect and header are read from these and as many as the longest header has. */
export const HEAD_BYTES = 64 * 1024;

const UNDECODABLE_HEADER = 'It is part of the header, so the file is refused.';

export class FileHead {
  readonly #text: FileText;
  readonly #options: UploadOptions;
  readonly #maxHeaderBytes: number;
  readonly #readShape: ReadShape;
  /** Kept until the shape is read from them. */
  #pieces: Buffer[] = [];
  #bytes = 0;
  #shape: FileShape | undefined;
  #hasRecords = false;

  constructor(text: FileText, options: UploadOptions, maxHeaderBytes: number, readShape: ReadShape) {
    this.#text = text;
    this.#options = options;
    this.#maxHeaderBytes = maxHeaderBytes;
    this.#readShape = readShape;
  }

  /**
   * Gives the text on, and looks at its head as soon as that is there. Ends early when the text is refused.
   * @throws AppError of the file kinds (errors.ts) for a head that does not fit; FILE_HEADER_ONLY at the end
   */
  async *read(): AsyncGenerator<Buffer> {
    for await (const piece of this.#text.read()) {
      await this.#look(piece);
      yield piece;
    }
    if (this.#text.isRefused) return;
    if (this.#shape === undefined) await this.#understand(true);
    if (!this.#hasRecords && this.#options.emptyFile === 'refuse')
      throw new AppError(
        'FILE_HEADER_ONLY',
        'The file has a header and no records below it. Send a file with at least one record, or with emptyFile=accept for an import of 0 records.',
      );
  }

  get isKnown(): boolean {
    return this.#shape !== undefined;
  }

  /** Known when the text was read to its end. */
  get shape(): FileShape {
    if (this.#shape === undefined) throw new Error('The head of the file was never looked at');
    return this.#shape;
  }

  async #look(piece: Buffer): Promise<void> {
    if (this.#shape !== undefined) {
      this.#hasRecords ||= holdsRecords(piece, this.#shape.dialect);
      return;
    }
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    const isSound = this.#text.inspector.state === 'text';
    if (isSound && this.#bytes > HEAD_BYTES + this.#maxHeaderBytes) await this.#understand(false);
  }

  async #understand(isWhole: boolean): Promise<void> {
    const head = Buffer.concat(this.#pieces);
    this.#pieces = [];
    const preamble = readPreamble(
      head.subarray(0, HEAD_BYTES),
      isWhole && head.length <= HEAD_BYTES,
      this.#options,
    );
    this.#shape = await this.#shapeOf(head, isWhole, preamble);
    const { header, dialect } = this.#shape;
    this.#hasRecords = holdsRecords(head.subarray(header.endByte), dialect);
  }

  async #shapeOf(head: Buffer, isWhole: boolean, preamble: Preamble): Promise<FileShape> {
    const { inspector } = this.#text;
    const nuls = new NulLines(inspector.nuls);
    nuls.push(head);
    const places = [...inspector.undecodable, ...nuls.places];
    const undecodable = (endLine: number): UndecodablePlace | undefined =>
      places.find(({ line }) => line >= preamble.endLine && line < endLine);
    let shape: FileShape;
    try {
      shape = await this.#readShape(head, isWhole, preamble);
    } catch (error) {
      // A header that does not fit because it was not decoded: that is what is wrong.
      const place = undecodable(preamble.endLine + 1);
      if (place !== undefined) throw inspector.refuse(place, UNDECODABLE_HEADER);
      const mayBeJson = this.#options.format === undefined && !this.#text.isJsonArray;
      throw inspector.doubt() ?? (mayBeJson ? findJson(head) : undefined) ?? error;
    }
    const place = this.#options.header ? undecodable(shape.header.endLine) : undefined;
    if (place !== undefined) throw inspector.refuse(place, UNDECODABLE_HEADER);
    return shape;
  }
}
