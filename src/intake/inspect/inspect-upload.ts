// Looks at a kept upload as an import would read it, and lands nothing: encoding, dialect, header, records, types, a mapping, questions.
import { inferColumn, type InferredColumn } from '../../core/dataset/infer/infer-column.ts';
import {
  proposeMapping,
  type ProposedMapping,
  type SampledTable,
} from '../../core/dataset/infer/propose-mapping.ts';
import { headerFingerprint } from '../../core/dataset/header/mapping.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import type { ByteRange, FileDialect } from '../../core/csv/types.ts';
import type { Config } from '../../config/config.ts';
import { listDatasets } from '../../db/datasets/datasets.ts';
import { findMapping } from '../../db/imports/mappings.ts';
import type { AppError } from '../../errors.ts';
import { endOfRecords } from '../end-of-records.ts';
import { HEAD_BYTES } from '../file-head.ts';
import { readShape } from '../file-shape.ts';
import type { IntakeDeps } from '../intake-deps.ts';
import { proveNotation } from '../prove-notation.ts';
import { isQuestion } from '../questions.ts';
import { requireDataset } from '../require-dataset.ts';
import { writtenColumns } from '../store-upload.ts';
import type { Packing } from '../unpack.ts';
import type { LooseOptions } from '../upload-options.ts';
import { hideSample } from './hide-sample.ts';
import { readLayout, type Layout } from './read-layout.ts';
import { optionsFor, readSample, type Sample } from './read-sample.ts';
import { sampleRecords, type BrokenSample, type SampledRecord } from './sample-records.ts';

export type InspectLimits = Pick<
  Config,
  | 'inspectBytes'
  | 'maxUploadBytes'
  | 'maxInflateRatio'
  | 'maxUndecodableLines'
  | 'maxHeaderBytes'
  | 'maxColumns'
  | 'maxRecordBytes'
>;

export interface Inspection {
  readonly encoding: Sample['encoding'];
  readonly packing: Packing | null;
  readonly entryName: string | null;
  readonly sampled: { readonly bytes: number; readonly records: number; readonly isWhole: boolean };
  /** Null: it cannot be told before a question is answered. */
  readonly dialect: FileDialect | null;
  readonly preamble: readonly string[];
  /** Null: the file has none. */
  readonly header: readonly string[] | null;
  readonly records: readonly SampledRecord[];
  readonly broken: readonly BrokenSample[];
  readonly columns: readonly (InferredColumn & { readonly index: number; readonly name: string })[];
  /** For the dataset that is named; else for those that fit best, the best one first. */
  readonly mappings: readonly ProposedMapping[];
  /** What an import with these options would be asked, as far as the sample shows it. */
  readonly questions: readonly AppError[];
}

/** What is looked at. */
export interface ToInspect {
  readonly id: string;
  readonly bytes: number;
  readonly packing: Packing | null;
}

const MOST_SHOWN = 20;
/** Datasets that fit less are not proposed, nor more than these. */
const LEAST_SCORE = 0.3;
const MOST_PROPOSED = 3;

/** @throws AppError DATASET_NOT_FOUND; of the file kinds, for what no option helps to read */
export async function inspectUpload(
  deps: Pick<IntakeDeps, 'config' | 'database' | 'storage' | 'workbooks'>,
  upload: ToInspect,
  said: LooseOptions,
): Promise<Inspection> {
  const { db } = deps.database;
  // 1 the dataset, if one is named
  const dataset = said.dataset === undefined ? undefined : await requireDataset(db, said.dataset);
  // 2 text
  const sample = await readSample(
    deps,
    { ...upload, packing: upload.packing ?? undefined, encoding: said.encoding },
    { dataset, options: said },
    deps.config,
  );
  const options = optionsFor(sample, said);
  const questions = sample.question === undefined ? [] : [sample.question];
  // The text ends before the header does.
  if (questions.length > 0 && sample.encoding.certainty !== 'guessed') return unreadable(sample, questions);
  // 3 records
  const head = sample.text.subarray(0, HEAD_BYTES + deps.config.maxHeaderBytes);
  const isAll = sample.isWhole && head.length === sample.text.length;
  const layout = readLayout(head, isAll, options, dataset, deps.config, sample.sheet);
  const dataEnd = await endOf(sample, layout, options);
  const { sound, broken } = await sampleRecords(sample.text, layout, dataEnd, deps.config);
  // 4 columns
  const table = tableOf(layout, sound);
  const { header } = layout;
  // 5 what an import would ask
  questions.push(...layout.questions);
  if (dataset !== undefined && layout.questions.length === 0)
    questions.push(...(await questionsOf(deps, dataset, options, sample, layout, { head, isAll, dataEnd })));
  const mappings = await mappingsOf(deps, dataset, table, options);
  const shown = {
    records: sound.slice(0, MOST_SHOWN),
    broken: broken.slice(0, MOST_SHOWN),
    columns: table.cells.map((cells, at) => ({
      index: at + 1,
      name: header?.[at] ?? '',
      ...inferColumn(cells),
    })),
  };
  return {
    ...aboutText(sample, sound.length),
    dialect: layout.dialect,
    preamble: layout.preambleLines,
    header: header ?? null,
    ...(dataset === undefined ? shown : hideSample(dataset, mappings[0]!, shown)),
    mappings,
    questions,
  };
}

function aboutText(sample: Sample, records: number) {
  const { encoding, packing, entryName, text, isWhole } = sample;
  return { encoding, packing, entryName, sampled: { bytes: text.length, records, isWhole } };
}

function unreadable(sample: Sample, questions: readonly AppError[]): Inspection {
  return {
    ...aboutText(sample, 0),
    dialect: null,
    preamble: [],
    header: null,
    records: [],
    broken: [],
    columns: [],
    mappings: [],
    questions,
  };
}

/** Records that are longer or shorter than the header say nothing about its columns. */
function tableOf({ header }: Layout, records: readonly SampledRecord[]): SampledTable {
  const width = header?.length ?? records[0]?.cells.length ?? 0;
  const fitting = records.filter(({ cells }) => cells.length === width);
  const cells = Array.from({ length: width }, (_, at) => fitting.map((record) => record.cells[at]!));
  return { header, cells };
}

async function mappingsOf(
  { database: { db } }: Pick<IntakeDeps, 'database'>,
  dataset: Dataset | undefined,
  table: SampledTable,
  { notation }: LooseOptions,
): Promise<ProposedMapping[]> {
  const propose = async (each: Dataset): Promise<ProposedMapping> => {
    const { header } = table;
    const saved = header && (await findMapping(db, each.name, headerFingerprint(each, header)));
    return proposeMapping(each, table, notation, saved);
  };
  if (dataset !== undefined) return [await propose(dataset)];
  // Without names nothing tells the datasets apart.
  if (table.header === undefined) return [];
  const all: ProposedMapping[] = [];
  for (const { document } of await listDatasets(db)) all.push(await propose(document));
  return all
    .filter(({ score }) => score >= LEAST_SCORE)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_PROPOSED);
}

interface Extent {
  readonly head: Buffer;
  readonly isAll: boolean;
  readonly dataEnd: number;
}

async function questionsOf(
  { config, database: { db } }: Pick<IntakeDeps, 'config' | 'database'>,
  dataset: Dataset,
  loose: LooseOptions,
  { text, sheet }: Sample,
  { preamble, dataStart, dataLine }: Layout,
  { head, isAll, dataEnd }: Extent,
): Promise<AppError[]> {
  const options = { ...loose, dataset: dataset.name };
  try {
    const shape = await readShape(
      head,
      isAll,
      preamble,
      dataset,
      options,
      config,
      (fingerprint) => findMapping(db, dataset.name, fingerprint),
      sheet,
    );
    const columns = writtenColumns(dataset, shape, options);
    const dialect = sheet === undefined ? shape.dialect : { ...shape.dialect, sheet };
    const file = { dialect, columns, dataStart, dataLine, dataEnd, lacksCommas: false };
    await proveNotation(
      dataset,
      file,
      ({ startByte, endByte }) => Promise.resolve(Buffer.from(text.subarray(startByte, endByte))),
      config,
      sheet?.textColumns,
    );
    return [];
  } catch (error) {
    if (!isQuestion(error)) throw error;
    return [error];
  }
}

/** Where the records end: above the footer and empty records, which a cut sample does not reach; of that, behind the last line that is whole. */
async function endOf(
  { text, isWhole, isJoined }: Sample,
  { dialect, dataStart, header }: Layout,
  { emptyRecords }: LooseOptions,
): Promise<number> {
  if (!isWhole) return Math.max(text.lastIndexOf(0x0a), text.lastIndexOf(0x0d)) + 1;
  const read = ({ startByte, endByte }: ByteRange): Promise<Buffer> =>
    Promise.resolve(text.subarray(startByte, endByte));
  const footer = isJoined ? 0 : (dialect.skipFooter ?? 0);
  const choice = { emptyRecords, emptyFile: 'accept' } as const;
  const place = { dataStart, textEnd: text.length, dialect, columns: header?.length ?? 0 };
  return (await endOfRecords(read, place, footer, choice)).dataEnd;
}
