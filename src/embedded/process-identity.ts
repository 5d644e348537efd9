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

/** Whether `pid` runs a program of such a name in `directory`, where Postgres and Redis go to have their data. */
export function worksIn(pid: number, directory: string, program: RegExp): boolean {
  if (startTimeOf(pid) === undefined) return false;
  const here = readOrUndefined(() => realpathSync(directory));
  const { name, workingDirectory } =
    process.platform === 'linux' ? describeFromProc(pid) : describeFromTools(pid);
  return name !== undefined && program.test(name) && here !== undefined && workingDirectory === here;
}

function describeFromProc(pid: number) {
  return {
    name: readOrUndefined(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()),
    workingDirectory: readOrUndefined(() => readlinkSync(`/proc/${pid}/cwd`)),
  };
}

function describeFromTools(pid: number) {
  const run = (program: string, ...args: string[]) =>
    readOrUndefined(() => execFileSync(program, args, { encoding: 'utf8' }).trim());
  return {
    name: run('ps', '-o', 'comm=', '-p', String(pid))?.split('/').at(-1),
    workingDirectory: /^n(.+)$/m.exec(run('lsof', '-a', '-p', String(pid), '-d', 'cwd', '-Fn') ?? '')?.[1],
  };
}

function readOrUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
