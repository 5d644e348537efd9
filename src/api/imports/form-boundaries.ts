// Counts the parts of a form in its bytes. The parser passes over a part that has no name, or whose header it cannot read, without a word;
// but what follows a file must not be dropped so.
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../errors.ts';

/** The parser takes no longer ones, and RFC 2046 allows 70. */
const LONGEST_BOUNDARY = 252;

/** The boundary that the Content-Type of a form names. */
export function boundaryOf({ headers }: IncomingMessage): string {
  const boundary = /boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(headers['content-type'] ?? '');
  return boundary?.[1] ?? boundary?.[2] ?? '';
}

export class FormBoundaries {
  readonly #request: IncomingMessage;
  readonly #delimiter: Buffer;
  /** The end of what came, in which a delimiter may have begun; the first one needs no line end before it. */
  #tail: Buffer = Buffer.from('\r\n');
  #found = 0;

  /** Counts from here on: make it before the form is read. @throws AppError UPLOAD_MALFORMED for a boundary that is too long */
  constructor(request: IncomingMessage) {
    this.#request = request;
    const boundary = boundaryOf(request);
    if (boundary.length > LONGEST_BOUNDARY)
      throw new AppError(
        'UPLOAD_MALFORMED',
        `The boundary of the form has ${boundary.length} characters. Send one of 70 at most (RFC 2046).`,
        { limit: LONGEST_BOUNDARY },
      );
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    request.on('data', this.#count);
  }

  /** How many parts there were, once the form has ended: its last boundary is before none. */
  get parts(): number {
    return this.#found - 1;
  }

  /** Must be called in the end. */
  close(): void {
    this.#request.off('data', this.#count);
  }

  readonly #count = (piece: Buffer): void => {
    const most = this.#delimiter.length - 1;
    this.#countIn(Buffer.concat([this.#tail, piece.subarray(0, most)]));
    this.#countIn(piece);
    const last = piece.length < most ? Buffer.concat([this.#tail, piece]) : piece;
    this.#tail = Buffer.from(last.subarray(-most));
  };

  #countIn(bytes: Buffer): void {
    const delimiter = this.#delimiter;
    let at = bytes.indexOf(delimiter);
    for (; at !== -1; at = bytes.indexOf(delimiter, at + delimiter.length)) this.#found++;
  }
}
