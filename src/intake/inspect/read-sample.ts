// The beginning of a kept upload as text, and how sure its encoding is.
import { LineCounter } from '../../core/csv/text/line-counter.ts';
import { findEncoding, type TextEncoding } from '../../core/csv/text/encodings.ts';
import type { AppError } from '../../errors.ts';
import { keptKey } from '../../storage/keys.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import type { OpenSheet } from '../excel/open-sheet.ts';
import { readSheetText } from '../excel/read-sheet.ts';
import type { IntakeDeps } from '../intake-deps.ts';
import type { LooseOptions } from '../upload-options.ts';
import { FileText } from '../file-text.ts';
import { readKept } from '../kept-file.ts';
import { isQuestion } from '../questions.ts';
import { MAGIC_BYTES, packingOf, unpack, type Packing } from '../unpack.ts';
import { openZip } from '../unzip.ts';
import type { InspectLimits } from './inspect-upload.ts';

/** How the encoding is known: `guessed` from bytes that are not UTF-8, when nobody has said it. */
export type Certainty = 'declared' | 'bom' | 'utf-8' | 'guessed';

export interface Sample {
  readonly text: Buffer;
  /** It is all of the file. */
  readonly isWhole: boolean;
  readonly encoding: {
    readonly name: TextEncoding;
    readonly hadBom: boolean;
    readonly certainty: Certainty;
    /** 0 to 1. */
    readonly confidence: number;
    /** Lines of the sample with bytes that are no text in it. */
    readonly undecodableLines: number;
  };
  readonly packing: Packing | null;
  /** Of a workbook: the sheet whose text it is. */
  readonly sheet: OpenSheet | undefined;
  /** The name of the file in a ZIP archive. */
  readonly entryName: string | null;
  /** It is several files of a ZIP archive, each without its footer. */
  readonly isJoined: boolean;
  /** It is a JSON array, whose elements are the lines of the text. */
  readonly isJsonArray: boolean;
  /** Which encoding it has, where the text was read in the likeliest one. */
  readonly question: AppError | undefined;
}

/** The options that the sample's text is read with. */
export function optionsFor(
  { isJsonArray }: Pick<Sample, 'isJsonArray'>,
  options: LooseOptions,
): LooseOptions {
  return isJsonArray ? { ...options, format: 'json' } : options;
}

/** The upload, and what is said of it. */
export interface KeptBytes {
  readonly id: string;
  /** As sent. */
  readonly bytes: number;
  readonly packing: Packing | undefined;
  readonly encoding: TextEncoding | undefined;
}

export type SampleDeps = Pick<IntakeDeps, 'storage' | 'workbooks'>;

/** What the upload is looked at for. */
export interface Meant {
  readonly dataset: Dataset | undefined;
  readonly options: LooseOptions;
}

/** @throws AppError of the file kinds, for what is no text or cannot be unpacked */
export async function readSample(
  deps: SampleDeps,
  kept: KeptBytes,
  meant: Meant,
  limits: InspectLimits,
): Promise<Sample> {
  const { refusal, ...sample } = await readText(deps, kept, meant, limits);
  if (refusal === undefined) return { ...sample, question: undefined };
  if (!isQuestion(refusal)) throw refusal;
  if (refusal.code !== 'FILE_ENCODING') return { ...sample, question: refusal };
  const [likeliest] = (refusal.params['candidates'] ?? []) as { encoding: string; confidence: number }[];
  const encoding = likeliest && findEncoding(likeliest.encoding);
  // What is known by itself ends where the text does.
  if (likeliest === undefined || encoding === undefined || kept.encoding !== undefined)
    return { ...sample, question: refusal };
  const guessed = await readText(deps, { ...kept, encoding }, meant, limits);
  const { confidence } = likeliest;
  return {
    ...guessed,
    encoding: { ...guessed.encoding, certainty: 'guessed', confidence },
    question: refusal,
  };
}

interface Text extends Omit<Sample, 'question'> {
  /** Why it cannot be read on. */
  readonly refusal: AppError | undefined;
}

/** The text of a kept upload, unpacked, to be read once. */
export interface KeptText {
  readonly text: FileText;
  /** What is known by the bytes that have been read. */
  readonly seen: () => {
    readonly sheet: OpenSheet | undefined;
    readonly entryName: string | null;
    readonly isJoined: boolean;
    readonly packing: Packing | null;
  };
  /** Lets the file go. */
  readonly close: () => Promise<void>;
}

export function openKeptText(
  { storage, workbooks }: SampleDeps,
  kept: KeptBytes,
  { dataset, options }: Meant,
  limits: InspectLimits,
): KeptText {
  let sheet: OpenSheet | undefined;
  let first: Buffer = Buffer.alloc(0);
  let entryName: string | null = null;
  let isJoined = false;
  async function* source(): AsyncGenerator<Buffer> {
    for await (const piece of readKept(storage, kept.id)) {
      if (first.length < MAGIC_BYTES) first = Buffer.concat([first, piece.subarray(0, MAGIC_BYTES)]);
      yield piece;
    }
  }
  async function* unzip(): AsyncGenerator<Buffer> {
    const key = keptKey(kept.id);
    const file = await openZip(storage, key, kept.bytes, limits, options);
    if (file.kind === 'workbook')
      sheet = yield* readSheetText(
        await workbooks.open(key, kept.bytes),
        dataset,
        options,
        limits,
        (open) => (sheet = open),
      );
    else {
      entryName = file.name;
      isJoined = file.parts !== undefined;
      yield* file.bytes;
    }
  }
  const bytes = source();
  const text = new FileText(
    unpack(bytes, kept.packing, limits, unzip),
    {
      encoding: kept.encoding,
      isForced: options.forceEncoding,
      format: options.format,
      isSheet: () => sheet !== undefined,
    },
    limits.maxUndecodableLines,
  );
  return {
    text,
    seen: () => ({
      sheet,
      entryName,
      isJoined,
      packing: packingOf(first.subarray(0, MAGIC_BYTES)) ?? null,
    }),
    close: async () => void (await bytes.return(undefined)),
  };
}

async function readText(
  deps: SampleDeps,
  kept: KeptBytes,
  meant: Meant,
  limits: InspectLimits,
): Promise<Text> {
  const { text, seen, close } = openKeptText(deps, kept, meant, limits);
  const { pieces, isWhole, thrown } = await collect(text, limits.inspectBytes);
  await close();
  const { encoding, hadBom, undecodable } = text.inspector;
  const head = Buffer.concat(pieces).subarray(0, limits.inspectBytes);
  const certainty = kept.encoding !== undefined ? 'declared' : hadBom ? 'bom' : 'utf-8';
  return {
    text: head,
    isWhole: isWhole && head.length === text.length,
    encoding: {
      name: encoding,
      hadBom,
      certainty,
      // Sound UTF-8 is hardly anything else; pure ASCII is the same in all.
      confidence: undecodable.length === 0 ? 1 : 0.5,
      undecodableLines: undecodable.length,
    },
    ...seen(),
    isJsonArray: text.isJsonArray,
    refusal: thrown ?? (text.isRefused ? text.refusal(linesOf(head)) : undefined),
  };
}

async function collect(
  text: FileText,
  mostBytes: number,
): Promise<{ pieces: Buffer[]; isWhole: boolean; thrown: AppError | undefined }> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of text.read()) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > mostBytes) return { pieces, isWhole: false, thrown: undefined };
    }
    return { pieces, isWhole: !text.isRefused, thrown: undefined };
  } catch (error) {
    if (!isQuestion(error)) throw error;
    return { pieces, isWhole: false, thrown: error };
  }
}

function linesOf(text: Buffer): number {
  const lines = new LineCounter();
  lines.push(text);
  return lines.line;
}
