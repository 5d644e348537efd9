// A dataset for a file: all of its records are looked at, and nothing is imported.
import type { InferChoices } from '../../core/dataset/infer/infer-dataset.ts';
import { AppError } from '../../errors.ts';
import { HEAD_BYTES } from '../file-head.ts';
import type { IntakeDeps } from '../intake-deps.ts';
import type { ToInspect } from '../inspect/inspect-upload.ts';
import { readLayout } from '../inspect/read-layout.ts';
import { optionsFor, readSample } from '../inspect/read-sample.ts';
import type { LooseOptions } from '../upload-options.ts';
import { inferText, type InferredUpload } from './infer-text.ts';
import { openWholeText } from './whole-text.ts';

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
  const layout = readLayout(head, isAll, optionsFor(sample, options), undefined, config, sample.sheet);
  const [question] = layout.questions;
  if (question !== undefined) throw question;
  if (layout.dialect.json !== undefined)
    throw new AppError(
      'FILE_FORMAT',
      'The file is JSON, whose objects may have other keys further down, so no dataset is inferred from it. Describe one with PUT /v1/datasets/{name}, or send a CSV file.',
    );
  // 2 all of its text, and all of its records
  const text = await openWholeText(deps, kept, meant, config, sample);
  try {
    return await inferText(text, layout, config, { ...choices, emptyRecords: options.emptyRecords });
  } finally {
    await text.close();
  }
}
