// Reads dataset documents from a folder or a file, and says everything that is wrong with any of them at once.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { counted } from '../core/counted.ts';
import { parseDataset } from '../core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../core/dataset/types.ts';
import { AppError, type ErrorItem } from '../errors.ts';
import { fileReason } from './file-reason.ts';
import { sayProblem } from './problem-place.ts';

/** A file, and the dataset it describes or what is wrong with it. */
interface ReadFile {
  readonly name: string;
  readonly dataset?: Dataset;
  readonly problems: readonly ErrorItem[];
}

/**
 * All datasets of a folder's JSON files, in the order of their names, or of the one file.
 * @throws AppError DATASET_INVALID with one item for each problem of each file: `source` is the file, `pointer` the place in it
 */
export async function readDatasets(path: string): Promise<Dataset[]> {
  const files = await readFiles(path);
  const errors = files.flatMap(({ problems }) => problems);
  if (errors.length > 0) {
    const wrong = files.filter(({ problems }) => problems.length > 0).map(({ name }) => name);
    throw new AppError(
      'DATASET_INVALID',
      `${counted(errors.length, 'problem')} in ${wrong.join(', ')}.`,
      {},
      { errors },
    );
  }
  return files.flatMap(({ dataset }) => dataset ?? []);
}

/**
 * `sluice datasets check`: a line for each sound file and for each problem; needs no database.
 * @returns the exit code
 * @throws AppError DATASET_INVALID when there is nothing to read
 */
export async function checkDatasets(path: string, out: NodeJS.WritableStream): Promise<number> {
  const files = await readFiles(path);
  if (files.length === 0) throw new AppError('DATASET_INVALID', noDocument(path));
  for (const { name, dataset, problems } of files) {
    if (dataset !== undefined) out.write(`${name}: dataset "${dataset.name}" is sound\n`);
    for (const problem of problems) out.write(`${sayProblem(problem)}\n`);
    if (problems.length > 0) out.write(`${name}: ${counted(problems.length, 'problem')}\n`);
  }
  return files.some(({ problems }) => problems.length > 0) ? 1 : 0;
}

export function noDocument(folder: string): string {
  return `There is no dataset document (*.json) in the folder ${folder}.`;
}

async function readFiles(path: string): Promise<ReadFile[]> {
  const isFolder = await orSay(path, async () => (await stat(path)).isDirectory());
  const names = isFolder
    ? (await orSay(path, () => readdir(path))).filter((name) => name.endsWith('.json')).sort()
    : [basename(path)];
  const fileOf = new Map<string, string>();
  const files: ReadFile[] = [];
  for (const name of names) {
    const file = isFolder ? join(path, name) : path;
    const read = readDocument(await orSay(file, () => readFile(file, 'utf8')), name);
    const other = read.dataset === undefined ? undefined : fileOf.get(read.dataset.name);
    if (read.dataset !== undefined && other === undefined) fileOf.set(read.dataset.name, name);
    files.push(other === undefined ? read : { name, problems: [describedTwice(name, other, read)] });
  }
  return files;
}

function readDocument(text: string, name: string): ReadFile {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return {
      name,
      problems: [{ source: name, detail: `The file is not JSON: ${(error as Error).message}.` }],
    };
  }
  try {
    return { name, dataset: parseDataset(document, name), problems: [] };
  } catch (error) {
    if (!(error instanceof AppError) || error.errors === undefined) throw error;
    return { name, problems: error.errors.map((item) => ({ source: name, ...item })) };
  }
}

function describedTwice(source: string, other: string, { dataset }: ReadFile): ErrorItem {
  return {
    source,
    pointer: '/name',
    detail: `The file ${other} describes a dataset "${dataset!.name}" too. Give one of them another name.`,
  };
}

/** What the file system says, as a sentence. */
async function orSay<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = fileReason(error);
    if (reason === undefined) throw error;
    throw new AppError(
      'DATASET_INVALID',
      `${path === '' ? '""' : path} cannot be read: ${reason}. Name a folder of dataset documents, or one document.`,
      {},
      { cause: error },
    );
  }
}
