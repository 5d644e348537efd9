// From a header to the fields its columns feed: by the sender's mapping, by the one saved for such a header, or by name.
import {
  foldHeader,
  headerFingerprint,
  labelsOf,
  limitMapping,
  type ColumnMapping,
} from '../core/dataset/header/mapping.ts';
import { NULL_SIGN } from '../core/csv/records/database-text.ts';
import type { TableEvidence } from '../core/csv/dialect/detect-dialect.ts';
import { MOST_NAMED_COLUMNS } from '../core/csv/dialect/header-variants.ts';
import type { FileDialect } from '../core/csv/types.ts';
import {
  createHeaderMatcher,
  matchHeader,
  matchPlaces,
  type HeaderMatcher,
} from '../core/dataset/header/match-header.ts';
import type { Dataset, FileColumn } from '../core/dataset/types.ts';
import { AppError } from '../errors.ts';
import type { UploadOptions } from './upload-options.ts';

export interface MatchedColumns {
  readonly columns: readonly FileColumn[];
  /** The mapping that was used; null: none. */
  readonly mapping: ColumnMapping | null;
  /** What it is saved by once the import has succeeded; null for a file without a header. */
  readonly headerFingerprint: string | null;
}

/** Looks for the mapping saved for a header. */
export type FindMapping = (fingerprint: string) => Promise<ColumnMapping | undefined>;

type MatchBy = Pick<UploadOptions, 'mapping' | 'unknownColumns'> & {
  /** Columns (from 0) without a name that hold nothing. */
  readonly emptyColumns?: readonly number[];
};

/** @throws AppError HEADER_MISMATCH, telling the mapping saved for such a header if there is one; MAPPING_NOT_SAVED */
export async function matchColumns(
  dataset: Dataset,
  header: readonly string[],
  { mapping: said, unknownColumns, emptyColumns }: MatchBy,
  findMapping: FindMapping,
): Promise<MatchedColumns> {
  const fingerprint = headerFingerprint(dataset, header);
  const mapping = said === 'saved' ? await findMapping(fingerprint) : said;
  if (said === 'saved' && mapping === undefined) throw notSaved(dataset, fingerprint);
  try {
    const columns = matchHeader(dataset, header, { unknownColumns, mapping, emptyColumns });
    return { columns, mapping: mapping ?? null, headerFingerprint: fingerprint };
  } catch (error) {
    throw said === 'saved' ? error : await offerSaved(error, await findMapping(fingerprint));
  }
}

/** Without a header: the columns that the mapping names, else the dataset's fields in order, all of them. */
export function columnsWithoutHeader(
  dataset: Dataset,
  { mapping }: MatchBy,
  { maxColumns }: { readonly maxColumns: number },
): MatchedColumns {
  // `readOptions` lets no saved mapping through: there is no header to find it by.
  if (mapping === undefined || mapping === 'saved')
    return {
      columns: dataset.schema.fields.map(({ name, title = name }, fieldIndex) => ({
        header: title,
        fieldIndex,
      })),
      mapping: null,
      headerFingerprint: null,
    };
  return { columns: matchPlaces(dataset, mapping, maxColumns), mapping, headerFingerprint: null };
}

/** What else the columns are called in the dataset, where it has other names for some: joined files come with headers of both kinds. */
export function otherNamesOf(
  { schema: { fields } }: Dataset,
  columns: readonly FileColumn[],
): Pick<FileDialect, 'otherNames'> {
  if (columns.length > MOST_NAMED_COLUMNS) return {};
  const otherNames = columns.map(({ header, fieldIndex }) => {
    const field = fieldIndex === null ? undefined : fields[fieldIndex];
    if (field === undefined || field.repeated === true) return [];
    const own = foldHeader(header);
    return [...new Set(labelsOf(field).map(foldHeader))].filter((label) => label !== own && label !== '');
  });
  return otherNames.some((names) => names.length > 0) ? { otherNames } : {};
}

/**
 * What tells the file's dialect: that its header fits or, without one, that its records are so wide.
 * @throws AppError INVALID_REQUEST when a mapping is longer than a file may be wide
 */
export function tableEvidence(
  dataset: Dataset,
  options: MatchBy & Pick<UploadOptions, 'header' | 'headerRows'>,
  limits: { readonly maxColumns: number },
): TableEvidence {
  const { mapping, unknownColumns } = options;
  if (mapping !== undefined && mapping !== 'saved') limitMapping(mapping, limits.maxColumns);
  const { fields } = dataset.schema;
  const labels = new Set(fields.flatMap(labelsOf).map(foldHeader));
  const knows = (header: readonly string[]): boolean => header.some((cell) => labels.has(foldHeader(cell)));
  const { missingValues } = dataset.schema;
  const takesNullSign = [missingValues, ...fields.map((field) => field.missingValues)].some((texts) =>
    texts?.includes(NULL_SIGN),
  );
  if (!options.header)
    return {
      columns: columnsWithoutHeader(dataset, options, limits).columns.length,
      knows,
      takesNullSign,
      fits: undefined,
    };
  let made: HeaderMatcher | undefined;
  const matcher = (): HeaderMatcher =>
    (made ??= createHeaderMatcher(dataset, {
      unknownColumns,
      emptyColumns: 'trailing',
      mapping: mapping === 'saved' ? undefined : mapping,
    }));
  const fits = (header: readonly string[]): boolean => {
    // Only the first record of the header is looked at, which says the groups and not the names.
    if (options.headerRows > 1) return true;
    // Which mapping was saved is known when the header is.
    if (mapping === 'saved') return true;
    if (mapping === undefined && !knows(header)) return false;
    return matcher().fits(header);
  };
  return { columns: fields.length, knows, takesNullSign, fits };
}

function offerSaved(error: unknown, savedMapping: ColumnMapping | undefined): unknown {
  if (!(error instanceof AppError) || error.code !== 'HEADER_MISMATCH' || savedMapping === undefined)
    return error;
  return new AppError(
    error.code,
    `${error.message} A mapping is saved for this header: send mapping=saved to use it.`,
    { ...error.params, savedMapping },
    { cause: error, ...(error.errors === undefined ? {} : { errors: error.errors }) },
  );
}

function notSaved(dataset: Dataset, headerFingerprint: string): AppError {
  return new AppError(
    'MAPPING_NOT_SAVED',
    `No mapping is saved for this header in dataset "${dataset.name}". Send the mapping itself; it is saved when the import has succeeded. GET /v1/datasets/${dataset.name}/mappings lists the saved ones.`,
    { dataset: dataset.name, headerFingerprint },
  );
}
