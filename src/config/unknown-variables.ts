// Without this check, a misspelt setting would silently have no effect.
import { Suggestions } from '../core/dataset/header/nearest.ts';
import { AppError } from '../errors.ts';
import type { Environment } from './secret-files.ts';

const PREFIX = 'SLUICE_';
/** Read by the scripts and tests of this repository, and by nothing in src/. */
const OF_DEVELOPERS = /^SLUICE_(TEST|STORM|BENCH)_/;
/** Kubernetes tells each container of the services beside it: one that is called `sluice` makes `SLUICE_SERVICE_HOST` and these. */
const OF_KUBERNETES = /_SERVICE_(HOST|PORT(_\w+)?)$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/;

/** @throws AppError CONFIG_INVALID naming the first variable that begins with SLUICE_ and is no setting */
export function refuseUnknownVariables(env: Environment, known: readonly string[]): void {
  const unknown = Object.keys(env).find(
    (name) =>
      name.startsWith(PREFIX) &&
      env[name] !== undefined &&
      !known.includes(name) &&
      !OF_DEVELOPERS.test(name) &&
      !isOfKubernetes(name, env[name]),
  );
  if (unknown === undefined) return;
  const meant = nearestSetting(unknown, known);
  const advice = meant === undefined ? 'The README lists all settings; unset it.' : `Did you mean ${meant}?`;
  throw new AppError('CONFIG_INVALID', `There is no setting ${unknown}. ${advice}`, { variable: unknown });
}

function isOfKubernetes(name: string, value: string | undefined): boolean {
  return OF_KUBERNETES.test(name) || (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value ?? ''));
}

/** What all names begin with says nothing about which one was meant. */
function nearestSetting(unknown: string, known: readonly string[]): string | undefined {
  const byShortName = new Map(known.map((name) => [shortName(name), name]));
  const short = new Suggestions(() => byShortName.keys()).nearest(shortName(unknown));
  return byShortName.get(short ?? shortName(unknown));
}

function shortName(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}
