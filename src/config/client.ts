// The `sluice` command as a client of the API.
import { text, url } from './setting.ts';

export const CLIENT_SETTINGS = {
  url: {
    ...url(
      'SLUICE_URL',
      'http://127.0.0.1:3000',
      ['http:', 'https:'],
      'Where the `sluice` command finds the API.',
    ),
    secret: false,
  },
  apiKey: text(
    'SLUICE_API_KEY',
    undefined,
    'The key the `sluice` command sends. Empty: the admin key in SLUICE_HOME, to the API that `npm start` runs there.',
    { secret: true },
  ),
} as const;
