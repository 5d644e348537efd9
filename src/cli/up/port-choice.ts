import type { Config } from '../../config/config.ts';
import { freePort, isPortFree } from '../../embedded/ports.ts';
import { AppError } from '../../errors.ts';

const TRIED_PORTS = 100;

export interface PortChoice {
  /** A port that is free now. @throws AppError CONFLICT when there is none to choose. */
  next(): Promise<number>;
  /** From now on `next` gives this one: clients know it. */
  keep(port: number): void;
  /** Whether `next` may give another port than before. */
  isOpen(): boolean;
}

/** PORT as it was set, or an error; when it was not set, the first free port from the default on. */
export function choosePorts(config: Config, env: NodeJS.ProcessEnv, say: (line: string) => void): PortChoice {
  const { host } = config;
  let fixed = (env['PORT'] ?? '').trim() !== '' && config.port !== 0 ? config.port : undefined;

  async function firstFree(): Promise<number> {
    if (config.port === 0) return freePort(host);
    for (let port = config.port; port < config.port + TRIED_PORTS; port++) {
      if (!(await isPortFree(port, host))) continue;
      if (port !== config.port) say(`Port ${config.port} is in use: taking ${port}.`);
      return port;
    }
    throw new AppError(
      'CONFLICT',
      `Ports ${config.port} to ${config.port + TRIED_PORTS - 1} are in use. Set PORT to a free one.`,
    );
  }

  return {
    next: async () => {
      if (fixed === undefined) return firstFree();
      if (await isPortFree(fixed, host)) return fixed;
      throw new AppError(
        'CONFLICT',
        `Port ${fixed} on ${host} is in use. Set PORT to another one, or leave it unset.`,
        { port: fixed },
      );
    },
    keep: (port) => {
      fixed = port;
    },
    isOpen: () => fixed === undefined,
  };
}
