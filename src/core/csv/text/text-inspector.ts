// Looks at an upload's bytes while they are being stored: decides the encoding by the BOM, checks it, gives UTF-8 without BOM.
// Nothing is guessed: bytes that are not text refuse the file or their record, and the sender is told where and what to do.
import type { AppError } from '../../../errors.ts';
import { readBom } from './bom.ts';
import { DeclaredText } from './declared-text.ts';
import type { TextEncoding } from './encodings.ts';
import type { NulPlace } from './nul.ts';
import type { UndecodablePlace } from './undecodable.ts';
import { Utf8Text } from './utf8-text.ts';

export interface TextInspector {
  /**
   * Takes the next bytes and gives those to be stored. At a bad byte the text ends; `state` tells it.
   * @throws AppError FILE_ENCODING, FILE_NUL_BYTE where the place is known at once
   */
  push(chunk: Buffer): Buffer;
  /** To be called once, at the end of the file. @throws as `push` */
  end(): Buffer;
  /**
   * `text`: all is well so far. `sampling`: a bad byte was met, and some more bytes are wanted to tell what the file is.
   * `refused`: the file is to be refused with `refusal`. After `end` it is not `sampling`.
   */
  readonly state: 'text' | 'sampling' | 'refused';
  /** Where in the text that was given the refused place is, in bytes; its line is wanted. */
  readonly refusedAt: number;
  /**
   * Why the file is refused. Lines are not counted on the way, which would cost every sound upload some of its speed.
   * @param line of `refusedAt`, from 1
   * @param isJsonList it is refused as a whole also where its encoding is declared
   */
  refusal(line: number, isJsonList?: boolean): AppError;
  /** Decided by the first four bytes. */
  readonly encoding: TextEncoding;
  readonly hadBom: boolean;
  /** One for each line that holds undecodable bytes, so far; only where the encoding was declared, or a BOM tells UTF-16. */
  readonly undecodable: readonly UndecodablePlace[];
  /** The NULs so far, where lines are not counted. Elsewhere they are among the undecodable places. */
  readonly nuls: readonly NulPlace[];
  /** What to throw when an undecodable place cannot be left to its record. `why` is a sentence. */
  refuse(place: UndecodablePlace, why: string): AppError;
  /** What to throw in place of another error: the text so far reads as another encoding than it was declared to have. */
  doubt(): AppError | undefined;
}

/** What a sender says of the encoding. */
export interface DeclaredEncoding {
  /** Of `findEncoding`; undefined: by BOM, else UTF-8. */
  readonly encoding?: TextEncoding | undefined;
  /** The declared encoding holds, whatever the bytes look like. */
  readonly isForced?: boolean;
}

/** @param mostUndecodable a file with more lines that hold undecodable bytes or NULs is refused */
export function createTextInspector(
  { encoding, isForced = false }: DeclaredEncoding = {},
  mostUndecodable = Infinity,
): TextInspector {
  return encoding === undefined
    ? new TextByBom(mostUndecodable)
    : new DeclaredText(encoding, mostUndecodable, isForced);
}

const BOM_BYTES = 4;

/** Waits for the first bytes, which decide how the others are read. */
class TextByBom implements TextInspector {
  readonly #mostUndecodable: number;
  #first: Buffer = Buffer.alloc(0);
  #text: TextInspector | undefined;

  constructor(mostUndecodable: number) {
    this.#mostUndecodable = mostUndecodable;
  }

  push(chunk: Buffer): Buffer {
    if (this.#text !== undefined) return this.#text.push(chunk);
    this.#first = Buffer.concat([this.#first, chunk]);
    return this.#first.length < BOM_BYTES ? Buffer.alloc(0) : this.#begin();
  }

  end(): Buffer {
    const first = this.#text === undefined ? this.#begin() : Buffer.alloc(0);
    return Buffer.concat([first, this.#begun.end()]);
  }

  /** A BOM of UTF-16 is as good as a declaration; it is read again there. */
  #begin(): Buffer {
    const first = this.#first;
    const bom = readBom(first);
    if (bom?.encoding.startsWith('utf-16') === true) {
      this.#text = new DeclaredText('utf-16', this.#mostUndecodable, false);
      return this.#text.push(first);
    }
    const bomBytes = bom?.bytes ?? 0;
    this.#text = new Utf8Text(bomBytes, this.#mostUndecodable);
    return this.#text.push(first.subarray(bomBytes));
  }

  get #begun(): TextInspector {
    if (this.#text === undefined) throw new Error('No byte of the text has come yet');
    return this.#text;
  }

  get state(): TextInspector['state'] {
    return this.#text?.state ?? 'text';
  }

  /** That of a text without BOM, while no byte has come. */
  get encoding(): TextEncoding {
    return this.#text?.encoding ?? 'utf-8';
  }

  get hadBom(): boolean {
    return this.#text?.hadBom ?? false;
  }

  get undecodable(): readonly UndecodablePlace[] {
    return this.#text?.undecodable ?? [];
  }

  get nuls(): readonly NulPlace[] {
    return this.#text?.nuls ?? [];
  }

  get refusedAt(): number {
    return this.#begun.refusedAt;
  }

  refusal(line: number, isJsonList?: boolean): AppError {
    return this.#begun.refusal(line, isJsonList);
  }

  refuse(place: UndecodablePlace, why: string): AppError {
    return this.#begun.refuse(place, why);
  }

  doubt(): AppError | undefined {
    return this.#text?.doubt();
  }
}
