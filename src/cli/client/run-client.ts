// What commands of the API's clients have in common: their client, their exit code, and arguments that several of them take.
import { InvalidArgumentError } from 'commander';
import { readSettingsBesideUp } from '../read-settings.ts';
import { openClient, type ApiClient } from './client.ts';

export const JSON_OPTION = ['--json', 'print JSON, a document a line, for scripts'] as const;
export const LIMIT_OPTION = ['-n, --limit <n>', 'how many at most'] as const;

/** The process ends with what the call gives. */
export async function runClient(call: (client: ApiClient) => Promise<number>): Promise<void> {
  process.exitCode = await call(openClient(readSettingsBesideUp()));
}

export function readCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}
