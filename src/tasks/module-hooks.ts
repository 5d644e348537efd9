// Node's module hooks for the operator's tasks (load-tasks.ts): Node 20 runs no TypeScript, and their folder has no node_modules.
import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformSync } from 'oxc-transform';
import { programFile } from '../package-files.ts';

/** What is imported by these names is this Sluice's own, whatever the importing folder has. */
const OWN: Readonly<Record<string, string>> = {
  'sluice/tasks': pathToFileURL(programFile('tasks/public')).href,
};
const TYPESCRIPT = /\.m?ts$/;

export const resolve: ResolveHook = async (specifier, context, next) => {
  const own = OWN[specifier];
  if (own !== undefined) return { url: own, shortCircuit: true };
  try {
    return await next(specifier, context);
  } catch (error) {
    // `typebox` makes the schemas: ours, where the folder has none.
    if (specifier !== 'typebox') throw error;
    return next(specifier, { ...context, parentURL: import.meta.url });
  }
};

export const load: LoadHook = async (url, context, next) => {
  if (!url.startsWith('file:') || !TYPESCRIPT.test(url)) return next(url, context);
  const file = fileURLToPath(url);
  const { code, errors } = transformSync(file, await readFile(file, 'utf8'), { sourcemap: false });
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors.map(({ message }) => message).join('; ')}`);
  return { format: 'module', source: code, shortCircuit: true };
};
