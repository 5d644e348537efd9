// What an upload shows of a file whose dataset has sensitive fields: columns that are known to feed another field, and no others.
import type { ProposedMapping } from '../../core/dataset/infer/propose-mapping.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import type { Inspection } from './inspect-upload.ts';

/** In the place of a cell that has something in it. */
const NOT_SHOWN = '(not shown)';

type Shown = Pick<Inspection, 'records' | 'broken' | 'columns'>;

/** @param mapping how the columns feed the dataset that was named */
export function hideSample(dataset: Dataset, mapping: ProposedMapping, sample: Shown): Shown {
  const { fields } = dataset.schema;
  if (!fields.some(({ sensitive }) => sensitive === true)) return sample;
  const open = new Set(
    mapping.columns
      .filter(({ field }) => fields.some(({ name, sensitive }) => name === field && sensitive !== true))
      .map(({ index }) => index),
  );
  return {
    records: sample.records.map(({ line, cells }) => ({
      line,
      cells: cells.map((cell, at) => (cell === '' || open.has(at + 1) ? cell : NOT_SHOWN)),
    })),
    // A reason may quote the record, in which the value may stand anywhere.
    broken: sample.broken.map((record) => ({
      ...record,
      reason: 'The record is broken. Its text is not shown, because the dataset has sensitive fields.',
    })),
    columns: sample.columns.map((column) => (open.has(column.index) ? column : { ...column, examples: [] })),
  };
}
