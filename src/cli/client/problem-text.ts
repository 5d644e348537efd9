// A problem document of the API, as a person at a terminal needs it: what is wrong, and all that helps to answer.
import { counted } from '../../core/counted.ts';
import { flagsOf } from './file-options.ts';

interface Candidate {
  readonly encoding?: string;
  readonly confidence?: number;
  readonly sample?: unknown;
  readonly rejects?: number;
  readonly [option: string]: unknown;
}

export interface Problem {
  readonly detail?: string;
  readonly title?: string;
  readonly code?: string;
  readonly requestId?: string;
  readonly errors?: readonly { readonly detail: string }[];
  /** What the file may be: encodings, or dialects with their first record. */
  readonly candidates?: readonly Candidate[];
  /** What answers the question that it is. */
  readonly answers?: readonly { readonly send: Readonly<Record<string, unknown>>; readonly means: string }[];
  /** The kept file. */
  readonly uploadId?: string;
  /** Why the file is not kept. */
  readonly notKept?: string;
  /** For `--mapping`. */
  readonly suggestedMapping?: unknown;
  readonly savedMapping?: unknown;
  /** Of a rerun of many: how many it would be. */
  readonly matching?: number;
}

/** Several lines; the first says it all in short. */
export function describeProblem(status: number, problem: Problem): string {
  const { code, requestId } = problem;
  const lines = [
    `${status} ${problem.detail ?? problem.title ?? ''}`,
    ...(problem.errors ?? []).map(({ detail }) => `  - ${detail}`),
    ...(problem.candidates ?? []).flatMap(describeCandidate),
    ...describeMapping('A mapping to begin with', problem.suggestedMapping),
    ...describeMapping('The mapping that was saved for this header', problem.savedMapping),
    ...describeAnswers(problem),
  ];
  const about = [code, requestId && `request ${requestId}`].filter(Boolean).join(', ');
  return about === '' ? lines.join('\n') : `${lines.join('\n')}\n(${about})`;
}

/** Candidates are shown with their samples, and mappings in full. */
function describeAnswers({ answers = [], uploadId, notKept }: Problem): string[] {
  const shown = answers.filter(
    ({ send }) => send['encoding'] === undefined && typeof send['mapping'] !== 'object',
  );
  return [
    ...shown.map(({ send, means }) => `  > ${flagsOf(send)}   ${means}`),
    ...(uploadId === undefined
      ? []
      : [`To answer without sending the file again, give --upload-id ${uploadId} in its place.`]),
    ...(notKept === undefined ? [] : [`The file is not kept: ${notKept}`]),
  ];
}

function describeCandidate({ encoding, confidence, sample, rejects, ...options }: Candidate): string[] {
  if (encoding === undefined)
    return [`  ? ${JSON.stringify({ ...options, ...(sample === undefined ? {} : { sample }) })}`];
  const percent = confidence === undefined ? '' : ` (${Math.round(confidence * 100)} %)`;
  const shown = (typeof sample === 'string' ? sample : '').split('\n').map((line) => `      ${line}`);
  const rejected = rejects === undefined ? '' : ` and rejects ${counted(rejects, 'line')}`;
  return [`  ? ${encoding}${percent}: --encoding ${encoding.toLowerCase()} reads${rejected}`, ...shown];
}

function describeMapping(what: string, mapping: unknown): string[] {
  return mapping === undefined || mapping === null
    ? []
    : [`${what}: --mapping '${JSON.stringify(mapping).replaceAll("'", "'\\''")}'`];
}
