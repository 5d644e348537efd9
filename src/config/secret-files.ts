// `DATABASE_URL_FILE` and its like: a secret that lies in a file, as Docker and Kubernetes hand secrets out.
import { readFileSync } from 'node:fs';
import { AppError } from '../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that names the file a secret is read from. */
export function fileVariable(env: string): string {
  return `${env}_FILE`;
}

/**
 * Puts the content of each file in the place of the variable that names it, without the line end at its end.
 * @throws AppError CONFIG_INVALID when a file cannot be read or is empty, or when the secret is given both ways
 */
export function readSecretFiles(env: Environment, secrets: readonly string[]): Environment {
  const result: Record<string, string | undefined> = { ...env };
  for (const secret of secrets) {
    const variable = fileVariable(secret);
    const path = env[variable]?.trim() ?? '';
    delete result[variable];
    if (path === '') continue;
    if ((env[secret]?.trim() ?? '') !== '') throw invalid(variable, `and ${secret} are both set. Unset one`);
    result[secret] = readSecret(variable, path);
  }
  return result;
}

function readSecret(variable: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw invalid(variable, `names the file ${path}, which cannot be read (${code ?? message})`, error);
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret.trim() === '') throw invalid(variable, `names the file ${path}, which is empty`);
  return secret;
}

function invalid(variable: string, what: string, cause?: unknown): AppError {
  return new AppError('CONFIG_INVALID', `${variable} ${what}.`, { variable }, { cause });
}
