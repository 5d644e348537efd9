import type { ImportView } from '../../db/imports/import-views.ts';

/** An import as the API gives it: times are text. */
export type ImportJson = Omit<
  ImportView,
  'firstError' | 'dialect' | 'createdAt' | 'startedAt' | 'finishedAt' | 'filesRemovedAt' | 'errorsRemovedAt'
> & {
  readonly firstError: (ImportView['firstError'] & { readonly cell?: string }) | null;
  readonly dialect: ImportView['dialect'] & { readonly sheet?: ImportView['dialect']['sheet'] | null };
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
};

/** A page of any list. */
export interface PageJson<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

/** The path of an import, and of what is below it. */
export function importPath(id: string, below = ''): string {
  return `/v1/imports/${encodeURIComponent(id)}${below}`;
}
