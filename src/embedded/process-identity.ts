// A pid alone is not a name: it is given again. Together with its start time it is one.
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';

/**
 * When the process began, as an opaque text that no later process with the same pid shares;
 * undefined when it does not run (a zombie does not).
 */
export function startTimeOf(pid: number): string | undefined {
  return process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid);
}

function startTimeFromProc(pid: number): string | undefined {
  const stat = readOrUndefined(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (stat === undefined) return undefined;
  // proc_pid_stat(5): the name (field 2) may hold anything, a ")" too; state is field 3 and starttime field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

function startTimeFromPs(pid: number): string | undefined {
  const ps = readOrUndefined(() =>
    execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim(),
  );
  return ps === undefined || ps === '' || ps.startsWith('Z') ? undefined : ps.slice(ps.indexOf(' ')).trim();
}

/** Whether `pid` is a program of one of these names working in `directory`, as Postgres and Redis do in their data directory. */
export function worksIn(pid: number, directory: string, programs: RegExp): boolean {
  if (startTimeOf(pid) === undefined) return false;
  if (process.platform !== 'linux') {
    const command = readOrUndefined(() =>
      execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }),
    );
    return command !== undefined && programs.test(command);
  }
  const name = readOrUndefined(() => readFileSync(`/proc/${pid}/comm`, 'utf8'));
  const workingDirectory = readOrUndefined(() => readlinkSync(`/proc/${pid}/cwd`));
  return (
    name !== undefined &&
    programs.test(name) &&
    workingDirectory === readOrUndefined(() => realpathSync(directory))
  );
}

function readOrUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
