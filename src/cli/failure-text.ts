// A failure in words for the user: what is wrong, where, and what to do now.
import { databaseError, isUnavailable } from '../db/errors.ts';
import { AppError } from '../errors.ts';
import { ClientError } from './client/client.ts';
import { fileReason } from './file-reason.ts';
import { sayProblem } from './problem-place.ts';

/** Undefined for what nobody expected: its stack is worth more than a sentence. */
export function describeFailure(error: unknown, env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (error instanceof AppError)
    return [error.message, ...(error.errors ?? []).map((item) => `  - ${sayProblem(item)}`)].join('\n');
  if (error instanceof ClientError) return error.message;
  if (!(error instanceof Error)) return undefined;
  return describeListen(error, env) ?? describePostgres(error) ?? describeFile(error);
}

interface ListenError extends NodeJS.ErrnoException {
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

function describeListen(error: ListenError, env: NodeJS.ProcessEnv): string | undefined {
  const { code, syscall, address, port, hostname } = error;
  if (syscall === 'getaddrinfo' && hostname === env['HOST']?.trim())
    return `HOST is "${hostname}", a name that no address is known for (${code}). Set it to an address of this machine.`;
  if (syscall !== 'listen') return undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${address} is in use by another program. Stop that one, or set PORT to a free port.`;
    case 'EACCES':
      return `This user may not listen on port ${port} of ${address}. Set PORT to 1024 or higher.`;
    case 'EADDRNOTAVAIL':
      return `HOST is ${address}, which is no address of this machine. Set it to one, or to 0.0.0.0 for all.`;
    default:
      return `The API cannot listen on port ${port} of ${address} (${code}). Look at HOST and PORT.`;
  }
}

function describePostgres(error: Error): string | undefined {
  const said = databaseError(error);
  const { variable = 'DATABASE_URL' } = error as { readonly variable?: string };
  const sqlState = said?.code ?? '';
  if (sqlState.startsWith('28'))
    return `Postgres refuses the user or the password in ${variable}: ${said!.message}.`;
  if (sqlState === '3D000')
    return `${capitalized(said!.message)} in the Postgres of ${variable}. Make it, or correct the name.`;
  if (sqlState === '42501')
    return `Postgres does not let the user of ${variable} do this: ${said!.message}. Grant it, or use another user.`;
  if (error.message.startsWith('SASL') && error.message.includes('password'))
    return `Postgres asks for a password, and ${variable} has none.`;
  if (/\bSSL\b/.test(error.message) || (error as NodeJS.ErrnoException).code?.includes('CERT') === true)
    return `Postgres and ${variable} do not agree on TLS: ${error.message}. Look at sslmode.`;
  if (!isUnavailable(error)) return undefined;
  return `Postgres cannot be reached at ${variable}: ${reasonOf(error)}. Is it running, and is the address right?`;
}

/** Of a host with several addresses Node tells each one's failure, and has no message for all. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError)
    return (error.errors as Error[]).map((each) => each.message).join(', ');
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

function describeFile(error: NodeJS.ErrnoException): string | undefined {
  const reason = fileReason(error);
  return reason === undefined || error.path === undefined
    ? undefined
    : `${error.path} cannot be used: ${reason}.`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
