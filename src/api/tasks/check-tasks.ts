// Tasks as requests ask for them, against the definitions of the workers: a task that would only fail is not recorded.
import { didYouMean } from '../../core/dataset/header/nearest.ts';
import { jsonFaults, type Fault } from '../../core/tasks/json-faults.ts';
import {
  normalOptions,
  optionFaults,
  optionSchemaFaults,
  type SchemaFault,
} from '../../core/tasks/option-faults.ts';
import { taskKind } from '../../core/tasks/task-kinds.ts';
import type { TaskOptions } from '../../core/tasks/task-options.ts';
import { AppError, type ErrorItem } from '../../errors.ts';
import { errorItems } from '../http/validation.ts';
import type { Definitions } from './definitions.ts';

/** A task as a body has it: its name and arguments, and each option beside them. */
export interface AskedTask {
  readonly name: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly [option: string]: unknown;
}

/** So many faults are told. */
const MOST_TOLD = 100;
const DURATION = 'must be milliseconds, or a text such as "500ms", "30s", "15m", "1h", "7d"';
/** What to call for tasks that are made of a file. */
const OTHER_CALLS: Readonly<Record<string, string>> = {
  import: 'is made of a file: send it with POST /v1/imports',
  undo: 'takes an import back: call POST /v1/imports/{id}/undo',
};

/**
 * @param at where the task is in the body: a JSON Pointer, empty for the body itself
 * @returns what is wrong with it; nothing: it may be recorded
 */
export function taskItems(
  { name, args = {}, ...options }: AskedTask,
  at: string,
  definitions: Definitions,
): ErrorItem[] {
  const bad = [...jsonFaults(args, '/args'), ...jsonFaults(options)];
  if (bad.length > 0) return bad.map((fault) => itemOf(fault, at));
  const unsound = optionSchemaFaults(options);
  return once([
    ...nameItems(name, at, definitions),
    ...(definitions.get(name)?.argsFaults(args) ?? []).flatMap((fault) => inBody(fault, `${at}/args`)),
    ...optionItems(unsound, at),
    ...(unsound.length > 0 ? [] : optionFaults(options, Date.now()).map((fault) => itemOf(fault, at))),
  ]);
}

/** A name that is not known is told twice, once as one of many. */
function once(items: readonly ErrorItem[]): ErrorItem[] {
  return [...new Map(items.map((item) => [item.detail, item])).values()];
}

/** @throws AppError TASK_UNKNOWN when nothing but names is wrong, TASK_INVALID */
export function refuse(items: readonly ErrorItem[]): void {
  if (items.length === 0) return;
  const told = items.slice(0, MOST_TOLD);
  const more = items.length > told.length ? `; and ${items.length - told.length} more` : '';
  const isUnknown = items.every(({ code }) => code === 'TASK_UNKNOWN');
  throw new AppError(
    isUnknown ? 'TASK_UNKNOWN' : 'TASK_INVALID',
    `Nothing was recorded: ${told
      .slice(0, 5)
      .map(({ detail }) => detail)
      .join('; ')}${told.length > 5 ? '; …' : ''}${more}`.replace(/([^.!?…])$/, '$1.'),
    {},
    { errors: told },
  );
}

/** The options as they are recorded. */
export function recordedOptions({ name: _name, args: _args, ...options }: AskedTask): TaskOptions {
  return normalOptions(options);
}

function nameItems(name: string, at: string, definitions: Definitions): ErrorItem[] {
  const pointer = `${at}/name`;
  if (taskKind(name) !== undefined)
    return [{ code: 'TASK_INVALID', pointer, detail: `the task "${name}" ${OTHER_CALLS[name]}` }];
  if (definitions.has(name)) return [];
  const others = [...definitions.keys()].filter((known) => taskKind(known) === undefined);
  return [
    {
      code: 'TASK_UNKNOWN',
      pointer,
      detail: `no worker has said that it knows a task "${name.slice(0, 100)}".${didYouMean(name, others)} GET /v1/tasks/registered lists those that are known`,
    },
  ];
}

const inBody = (fault: SchemaFault, at: string): ErrorItem[] =>
  errorItems({ ...fault, instancePath: `${at}${fault.instancePath}` }, 'body');

/** Of an option of two kinds, which is a duration, one sentence instead of one for each kind. */
function optionItems(faults: readonly SchemaFault[], at: string): ErrorItem[] {
  const durations = new Set(faults.flatMap((fault) => (fault.keyword === 'anyOf' ? fault.instancePath : [])));
  return [
    ...[...durations].map((place) => itemOf({ at: place, says: DURATION }, at)),
    ...faults
      .filter(({ instancePath }) => !durations.has(instancePath))
      .flatMap((fault) => inBody(fault, at)),
  ];
}

function itemOf({ at: place, says }: Fault, at: string): ErrorItem {
  const pointer = `${at}${place}`;
  return { pointer, detail: `${pointer.slice(1).replaceAll('/', '.') || 'the body'} ${says}` };
}
