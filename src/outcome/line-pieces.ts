const PIECE_LENGTH = 64 * 1024;

/**
 * Lines of a download, put together as bytes while a chunk is read. Kept as strings until the chunk has been read, tens of
 * thousands would outlive V8's young generation.
 */
export class LinePieces {
  #pieces: Buffer[] = [];
  #text = '';

  add(line: string): void {
    this.#text += line;
    if (this.#text.length >= PIECE_LENGTH) this.#close();
  }

  /** What has been added since the last call. */
  take(): Buffer[] {
    if (this.#text !== '') this.#close();
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }

  #close(): void {
    this.#pieces.push(Buffer.from(this.#text));
    this.#text = '';
  }
}
