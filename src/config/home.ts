// Folders, and the first key.
import { text, type Setting } from './setting.ts';

const MIN_ADMIN_KEY_CHARS = 32;

export const HOME_SETTINGS = {
  home: text(
    'SLUICE_HOME',
    '.sluice',
    'Folder for all that `npm start` keeps: Postgres, Redis, files, the admin key.',
  ),
  adminKey: {
    env: 'SLUICE_ADMIN_KEY',
    defaultText: '',
    doc: `A first admin key given from outside (${MIN_ADMIN_KEY_CHARS} characters or more), for containers and scripts.`,
    secret: true,
    read: (value) => {
      if (value !== undefined && value.length < MIN_ADMIN_KEY_CHARS)
        throw new Error(`must have ${MIN_ADMIN_KEY_CHARS} characters or more; it has ${value.length}`);
      return value;
    },
  } satisfies Setting<string | undefined>,
  storageDir: text(
    'SLUICE_STORAGE_DIR',
    '',
    'Folder for uploads and rejects, shared by API and workers. Empty: `storage` in SLUICE_HOME.',
  ),
  datasetsDir: text(
    'SLUICE_DATASETS_DIR',
    'datasets',
    'Folder of dataset documents (JSON), applied at start.',
  ),
} as const;
