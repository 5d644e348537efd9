import type { SheetOfFile } from '../../core/csv/types.ts';

/** A sheet whose text is being read, or has been. What is counted in it is known at its end. */
export interface OpenSheet extends SheetOfFile {
  /** For each column of the table: it has cells that are texts. Before the end of the text: undefined. */
  readonly textColumns?: readonly boolean[];
}
