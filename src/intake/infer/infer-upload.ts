// A dataset for a file: all of its records are looked at, and nothing is imported.
import { readPlaces } from '../../core/csv/records/read-places.ts';
import { readStretches } from '../../core/csv/records/records.ts';
import { scanChunks } from '../../core/csv/chunks/scan-chunks.ts';
import { ColumnEvidence } from '../../core/dataset/infer/column-evidence.ts';
import {
  inferDataset,
  type InferChoices,
  type InferredDataset,
} from '../../core/dataset/infer/infer-dataset.ts';
import { AppError } from '../../errors.ts';
import { aboveFooter } from '../above-footer.ts';
import { HEAD_BYTES } from '../file-head.ts';
import type { IntakeDeps } from '../intake-deps.ts';
import type { ToInspect } from '../inspect/inspect-upload.ts';
import { readLayout, type Layout } from '../inspect/read-layout.ts';
import { readSample } from '../inspect/read-sample.ts';
import type { LooseOptions } from '../upload-options.ts';
import { lookAt } from './look-at.ts';
import { openWholeText, type WholeText } from './whole-text.ts';

export interface InferredUpload extends InferredDataset {
  /** Records that were looked at. */
  readonly records: number;
  /** Records that say nothing of their columns, and that an import would reject: broken ones, and those of another width. */
  readonly passedOver: number;
  /** Where the first of them is, and what is wrong with it. */
  readonly firstPassedOver: { readonly line: number; readonly reason: string } | undefined;
}

/** Small, so that other requests are answered between two of them. */
const CHUNK_BYTES = 256 * 1024;

/**
 * @throws AppError of the file kinds; those that are questions as an import would ask them (questions.ts)
 */
export async function inferUpload(
  deps: Pick<IntakeDeps, 'config' | 'storage' | 'workbooks'>,
  upload: ToInspect,
  options: LooseOptions,
  choices: InferChoices,
): Promise<InferredUpload> {
  const { config } = deps;
  const kept = { ...upload, packing: upload.packing ?? undefined, encoding: options.encoding };
  const meant = { dataset: undefined, options };
  // 1 how it is read, told by its beginning
  const sample = await readSample(deps, kept, meant, config);
  if (sample.question !== undefined) throw sample.question;
  const head = sample.text.subarray(0, HEAD_BYTES + config.maxHeaderBytes);
  const isAll = sample.isWhole && head.length === sample.text.length;
  const layout = readLayout(head, isAll, options, undefined, config, sample.sheet);
  const [question] = layout.questions;
  if (question !== undefined) throw question;
  if (layout.dialect.json !== undefined)
    throw new AppError(
      'FILE_FORMAT',
      'The file is NDJSON, whose objects may have other keys further down, so no dataset is inferred from it. Describe one with PUT /v1/datasets/{name}, or send a CSV file.',
    );
  // 2 all of its text, and all of its records
  const text = await openWholeText(deps, kept, meant, config, sample);
  try {
    return await inferText(text, layout, config, choices);
  } finally {
    await text.close();
  }
}

async function inferText(
  text: WholeText,
  { dialect, header, dataStart, dataLine }: Layout,
  limits: { readonly maxRecordBytes: number },
  choices: InferChoices,
): Promise<InferredUpload> {
  const dataEnd = await aboveFooter(text.read, dataStart, text.bytes, dialect.skipFooter ?? 0);
  const columns = (header ?? []).map((name) => ({ header: name }));
  const file = { dialect, columns, dataStart, dataLine, dataEnd };
  const newEvidence = (): ColumnEvidence => new ColumnEvidence(choices.types === 'text');
  let evidence = header?.map(newEvidence);
  let records = 0;
  let passedOver = 0;
  let firstPassedOver: InferredUpload['firstPassedOver'];
  const passOver = (line: number, reason: string): void => {
    passedOver++;
    firstPassedOver ??= { line, reason };
  };
  const chunks = scanChunks(file, text.read, { ...limits, chunkBytes: CHUNK_BYTES, chunkCells: Infinity });
  for await (const chunk of chunks)
    await readStretches(file, chunk, text.read, {
      stretch: (bytes, stretch) =>
        readPlaces(bytes, stretch, dialect, (cells, _row, line) => {
          evidence ??= Array.from({ length: cells.count }, newEvidence);
          if (cells.ambiguousColumn !== 0) return passOver(line, 'can be read in two ways');
          if (cells.count !== evidence.length)
            return passOver(line, `has ${cells.count} cells in place of ${evidence.length}`);
          records++;
          lookAt(evidence, bytes, cells, line, dialect.sheet !== undefined);
        }),
      broken: ({ line, reason }) => passOver(line, `cannot be read (${reason})`),
    });
  if (evidence === undefined || records === 0) throw nothingRead(firstPassedOver);
  return {
    ...inferDataset(
      header,
      evidence.map(({ findings }) => findings),
      choices,
    ),
    records,
    passedOver,
    firstPassedOver,
  };
}

function nothingRead(first: InferredUpload['firstPassedOver']): AppError {
  return new AppError(
    'FILE_HEADER_ONLY',
    first === undefined
      ? 'The file holds a header and no record, so there is nothing to infer from.'
      : `No record of the file can be read with its header: the first, on line ${first.line}, ${first.reason}. If the header is further down, say how many lines are above it with skipLines.`,
  );
}
