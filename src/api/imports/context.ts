import { randomFillSync } from 'node:crypto';
import { createUuidV7 } from '../../core/uuid.ts';
import { findImportView, type ImportView } from '../../db/imports/import-views.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';

/** What the routes of imports share. */
export interface ImportsContext {
  readonly deps: ApiDeps;
  /** Aborted when the server stops: open streams would keep it waiting. */
  readonly stopping: AbortSignal;
  /** A fresh UUID v7. */
  readonly nextId: () => string;
  /** @throws AppError NOT_FOUND */
  readonly requireImport: (id: string) => Promise<ImportView>;
}

export function createContext(deps: ApiDeps, stopping: AbortSignal): ImportsContext {
  const nextId = createUuidV7((bytes) => randomFillSync(bytes));
  return {
    deps,
    stopping,
    nextId: () => nextId(Date.now()),
    async requireImport(id) {
      const view = await findImportView(deps.database.pool, id);
      if (view === undefined) throw new AppError('NOT_FOUND', `There is no import ${id}.`);
      return view;
    },
  };
}
