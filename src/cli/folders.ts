// The folders of the settings, made and tried before anything stands on them.
import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { AppError } from '../errors.ts';
import { fileReason } from './file-reason.ts';

/** @throws AppError CONFIG_INVALID when SLUICE_HOME cannot be written */
export function makeHome({ home }: Config): void {
  // Postgres, when it has to be another user, passes through the home; nobody else is to look into it.
  makeFolder('SLUICE_HOME', home, 0o711);
}

/** @throws AppError CONFIG_INVALID when SLUICE_STORAGE_DIR cannot be written */
export function makeStorage({ storageDir }: Config): void {
  makeFolder('SLUICE_STORAGE_DIR', storageDir, 0o700);
}

export function isDatasetsDirSet(env: NodeJS.ProcessEnv): boolean {
  return (env['SLUICE_DATASETS_DIR'] ?? '').trim() !== '';
}

/** A folder that nobody has named may be missing: then there are no documents. @throws AppError CONFIG_INVALID */
export function requireDatasets({ datasetsDir }: Config, env: NodeJS.ProcessEnv): void {
  if (!isDatasetsDirSet(env)) return;
  if (statSync(datasetsDir, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw wrongFolder('SLUICE_DATASETS_DIR', `${datasetsDir}, and there is no such folder`);
}

function makeFolder(variable: string, path: string, mode: number): void {
  try {
    mkdirSync(path, { recursive: true, mode });
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = fileReason(error);
    if (reason === undefined) throw error;
    throw wrongFolder(variable, `${path}, where no files can be written: ${reason}`, error);
  }
}

function wrongFolder(variable: string, what: string, cause?: unknown): AppError {
  return new AppError('CONFIG_INVALID', `${variable} is ${what}.`, { variable }, { cause });
}
