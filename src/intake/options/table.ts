// The one table of what an upload may say besides the file. `npm run docs:options` writes README.md and docs/upload-options.md from it.
import { COLUMN_OPTIONS } from './column-options.ts';
import { FILE_OPTIONS } from './file-options.ts';
import { DATASET_OPTION, LANDING_OPTIONS } from './landing-options.ts';
import type { UploadOption } from './option.ts';

export const UPLOAD_OPTIONS = { ...DATASET_OPTION, ...LANDING_OPTIONS, ...FILE_OPTIONS, ...COLUMN_OPTIONS };

export type UploadOptionName = keyof typeof UPLOAD_OPTIONS;

/** What the options say, each read by itself. */
export type OptionValues = {
  readonly [Name in UploadOptionName]: ReturnType<(typeof UPLOAD_OPTIONS)[Name]['read']>;
};

/** Its entries, in the order in which people are shown them. */
export const OPTION_ENTRIES = Object.entries(UPLOAD_OPTIONS) as [UploadOptionName, UploadOption<unknown>][];

export function isOptionName(name: string): name is UploadOptionName {
  return Object.hasOwn(UPLOAD_OPTIONS, name);
}

/** All that the table says of an option, for OpenAPI and docs. */
export function describeOption({ doc, more, without }: UploadOption<unknown>): string {
  const last = without === undefined ? undefined : `Without it: ${without}.`;
  return [doc, more, last].filter((part) => part !== undefined).join(' ');
}
