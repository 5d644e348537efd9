import type { SheetReceiver } from '../../core/excel/sheet-parts.ts';
import type { SheetInfo } from './messages.ts';

/** A sheet that is read, and who takes its rows. */
export interface WantedSheet {
  /** Its place in the workbook. */
  readonly sheet: number;
  readonly receiver: SheetReceiver;
  /** No more of it is wanted. */
  readonly isDone: () => boolean;
}

/** A workbook of some kind that is open. */
export interface Spreadsheet {
  readonly sheets: readonly SheetInfo[];
  /**
   * Reads sheets from their first rows on, and pauses after each piece, for what the receivers got to be taken.
   * @throws AppError FILE_WORKBOOK, UPLOAD_INFLATES_TOO_FAR
   */
  read(wanted: readonly WantedSheet[]): AsyncGenerator<void>;
  close(): void;
}
