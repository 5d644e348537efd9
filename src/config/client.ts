// The `sluice` command as a client of the API.
import { text } from './setting.ts';

export const CLIENT_SETTINGS = {
  url: text('SLUICE_URL', 'http://127.0.0.1:3000', 'Where the `sluice` command finds the API.'),
  apiKey: text(
    'SLUICE_API_KEY',
    undefined,
    'The key the `sluice` command sends. Empty: the admin key in SLUICE_HOME.',
    { secret: true },
  ),
} as const;
