// What the API's thread and the thread that reads a workbook say to each other.
import type { MessagePort } from 'node:worker_threads';
import type { TableLayout } from '../../core/excel/sheet-writer.ts';
import type { MergedRange } from '../../core/excel/sheet-parts.ts';
import type { Config } from '../../config/config.ts';
import type { ErrorCode } from '../../errors.ts';
import type { StorageSettings } from '../../storage/open-storage.ts';
import type { StorageKey } from '../../storage/storage.ts';

export type WorkbookLimits = StorageSettings &
  Pick<Config, 'maxInflateRatio' | 'workbookStringBytes' | 'maxMergedRanges'>;

/** A stored workbook that is to be read. */
export interface WorkbookOrder {
  readonly key: StorageKey;
  readonly bytes: number;
  readonly limits: WorkbookLimits;
  /** Where questions come and answers go. */
  readonly port: MessagePort;
}

export interface SheetInfo {
  readonly name: string;
  readonly isHidden: boolean;
}

/** What is known of a sheet's text when it has been written. */
export interface SheetFacts {
  /** The column of the sheet where the table begins, from 1. */
  readonly firstColumn: number;
  /** For each column of the table: it has cells that are texts, below the header. */
  readonly textColumns: readonly boolean[];
  readonly hiddenRows: number;
  readonly hiddenColumns: number;
  readonly merged: readonly MergedRange[];
}

/** To the thread. */
export type Question =
  /** The first rows of these sheets, by their places. */
  | { readonly ask: 'heads'; readonly sheets: readonly number[]; readonly layout: TableLayout }
  | { readonly ask: 'text'; readonly sheet: number; readonly layout: TableLayout }
  /** More of the text may come. */
  | { readonly ask: 'more' };

/** From the thread. */
export type Answer =
  | { readonly say: 'sheets'; readonly sheets: readonly SheetInfo[] }
  /** Null: the sheet has no rows. */
  | { readonly say: 'heads'; readonly heads: readonly (readonly string[] | null)[] }
  | { readonly say: 'text'; readonly bytes: Uint8Array; readonly firstColumn: number }
  | { readonly say: 'end'; readonly facts: SheetFacts }
  | {
      readonly say: 'failed';
      readonly message: string;
      /** Of an AppError. */
      readonly code?: ErrorCode;
      readonly params?: Readonly<Record<string, unknown>>;
    };

/** So many pieces of text may be on their way. */
export const PIECES_AHEAD = 2;
