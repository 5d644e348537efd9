import { isDirect, type ImportOptions } from './import-mode.ts';

/** What decides whether an import may be landed together with others. */
export interface SmallImport extends ImportOptions {
  /** The file, when it is in the import's row. */
  readonly content: Uint8Array | null;
  readonly mapping: unknown;
  readonly parentId: string | null;
}

/**
 * True for a small file whose records just become rows. What needs a look at more than the file takes the usual way: a limit of
 * errors, a mapping that is kept when the import succeeds, a retry with the rejects that it mends.
 */
export function isSmall(imp: SmallImport): boolean {
  return (
    imp.content !== null &&
    isDirect(imp) &&
    imp.maxErrors === null &&
    imp.mapping === null &&
    imp.parentId === null
  );
}
