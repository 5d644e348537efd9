// What workers have said of the tasks they know, kept for a moment, with a check of the arguments of each.
import type pg from 'pg';
import { Compile, type Validator } from 'typebox/compile';
import type { SchemaFault } from '../../core/tasks/option-faults.ts';
import type { TaskDocument } from '../../core/tasks/task-document.ts';
import { listDefinitions } from '../../db/tasks/definitions.ts';
import type { Logger } from '../../logger.ts';

/** So long a changed definition may be unknown here; the worker checks the arguments again. */
const KEPT_MS = 1000;

export interface Definition {
  readonly document: TaskDocument;
  /** What the schema says against arguments. */
  readonly argsFaults: (args: unknown) => SchemaFault[];
}

export type Definitions = ReadonlyMap<string, Definition>;

/** Reads the definitions. @param names must be there: if one is not, they are read anew */
export type ReadDefinitions = (names: readonly string[]) => Promise<Definitions>;

export function createDefinitions(pool: pg.Pool, logger: Pick<Logger, 'warn'>): ReadDefinitions {
  let kept: { readonly definitions: Definitions; readonly untilMs: number } | undefined;
  let reading: Promise<Definitions> | undefined;
  const compiled = new Map<string, { readonly text: string; readonly definition: Definition }>();

  async function read(): Promise<Definitions> {
    const documents = await listDefinitions(pool);
    const definitions = new Map(documents.map((document) => [document.name, compile(document)]));
    kept = { definitions, untilMs: performance.now() + KEPT_MS };
    return definitions;
  }

  /** Compiled again only when it has changed. */
  function compile(document: TaskDocument): Definition {
    const text = JSON.stringify(document);
    const before = compiled.get(document.name);
    if (before?.text === text) return before.definition;
    const definition = { document, argsFaults: argsCheck(document, logger) };
    compiled.set(document.name, { text, definition });
    return definition;
  }

  const readTogether = (): Promise<Definitions> =>
    (reading ??= read().finally(() => {
      reading = undefined;
    }));

  return async (names) => {
    if (kept === undefined || performance.now() > kept.untilMs) return readTogether();
    const { definitions } = kept;
    return names.every((name) => definitions.has(name)) ? definitions : readTogether();
  };
}

/** A schema that cannot be compiled here lets all pass: the worker has the last word. */
function argsCheck({ name, args }: TaskDocument, logger: Pick<Logger, 'warn'>): Definition['argsFaults'] {
  let validator: Validator;
  try {
    validator = Compile(args);
  } catch (error) {
    logger.warn({ err: error, task: name }, 'the schema of a task’s arguments cannot be compiled');
    return () => [];
  }
  const choice = choiceOf(args);
  return (value) => (validator.Check(value) ? [] : tellChoice(validator.Errors(value), choice));
}

/** Of a schema that wants one of several names: `oneOf: [{ required: ['url'] }, { required: ['prefix'] }]`. */
function choiceOf({ oneOf }: { readonly oneOf?: unknown }): string[] | undefined {
  if (!Array.isArray(oneOf)) return undefined;
  const names = oneOf.flatMap((way: { readonly required?: readonly string[] }) =>
    Object.keys(way).length === 1 && way.required?.length === 1 ? way.required : [],
  );
  return names.length === oneOf.length ? names : undefined;
}

/** One sentence for it, in place of one for each way that was not taken and one that names the keyword. */
function tellChoice(faults: SchemaFault[], choice: readonly string[] | undefined): SchemaFault[] {
  if (choice === undefined) return faults;
  const message = `must have one of ${choice.map((name) => `"${name}"`).join(', ')}, and only one`;
  return faults.flatMap((fault) => {
    if (fault.schemaPath.startsWith('#/oneOf/')) return [];
    return [fault.schemaPath === '#' && fault.keyword === 'oneOf' ? { ...fault, message } : fault];
  });
}
