import { readConfig, withSecrets, type Config } from '../config/config.ts';
import { runningSettings } from './up/running-servers.ts';

/** Settings of the command line, over those of the environment; undefined ones are not given. */
export type Overrides = Readonly<Record<string, string | undefined>>;

/** @throws AppError CONFIG_INVALID */
export function readSettings(overrides: Overrides = {}): Config {
  return readConfig({ ...process.env, ...given(overrides) });
}

/** As `readSettings`; addresses that nobody has set are those of the `up` that runs in the same home. */
export function readSettingsBesideUp(overrides: Overrides = {}): Config {
  const { home } = readSettings(overrides);
  const own = given(withSecrets(process.env));
  const { DATABASE_DIRECT_URL, ...running } = runningSettings(home);
  // The two addresses of Postgres belong together.
  const direct = own['DATABASE_URL'] === undefined ? { DATABASE_DIRECT_URL } : {};
  return readConfig({ ...running, ...direct, ...own, ...given(overrides) });
}

function given(settings: Overrides): Overrides {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
}
