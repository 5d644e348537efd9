// The large pieces of memory a slot works in, kept from one chunk to the next.
import { BlockPool } from '../core/dataset/rows/block-pool.ts';
import { createReusedBytes } from '../storage/reused-bytes.ts';
import type { ParentRejects } from './import/rejects/parent-rejects.ts';

export interface SlotMemory {
  /** For bytes of a file. What was read into it before is gone. */
  readonly fileBytes: (length: number) => Buffer;
  readonly blocks: BlockPool;
  /** The last import whose rejects a retry asked for: it has ended, so they stay as they are. */
  readonly lastRejects: { importId?: string; rejects?: ParentRejects };
  /** The last import that was found to have as many row errors stored as it may. */
  readonly lastFull: { importId?: string };
}

export function createSlotMemory(): SlotMemory {
  return { fileBytes: createReusedBytes(), blocks: new BlockPool(), lastRejects: {}, lastFull: {} };
}
