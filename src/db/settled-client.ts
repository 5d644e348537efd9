import pg from 'pg';
import { databaseError, SQLSTATE } from './errors.ts';
import { withUsual, type SessionSettings } from './session-settings.ts';

export interface SettledConfig extends pg.ClientConfig {
  /** Over the usual ones. */
  readonly settings?: SessionSettings;
  /** Left out where the server's operating system cannot do it. */
  readonly ifPossible?: SessionSettings;
}

/** A connection that is given to its user when it has the settings of Sluice. */
export abstract class SettledClient extends pg.Client {
  protected readonly settings: SessionSettings;
  protected readonly ifPossible: SessionSettings;

  constructor(config: SettledConfig = {}) {
    super(config);
    this.settings = withUsual(config.settings ?? {});
    this.ifPossible = config.ifPossible ?? {};
  }

  /** Sends what the session has to have before others use it. */
  protected abstract settle(): Promise<void>;

  override connect(): Promise<pg.Client>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<pg.Client> | void {
    const connected = this.connectSettled();
    if (callback === undefined) return connected;
    void answer(connected, callback);
  }

  private async connectSettled(): Promise<pg.Client> {
    await super.connect();
    // Nobody else listens yet, and a connection lost now must not end the process.
    const ignore = (): void => undefined;
    this.on('error', ignore);
    try {
      await this.settle();
      return this;
    } catch (error) {
      void this.end().catch(ignore);
      throw error;
    } finally {
      this.off('error', ignore);
    }
  }
}

/** @returns whether the server took the settings that `set` sends */
export async function unlessRefused(set: () => Promise<unknown>): Promise<boolean> {
  try {
    await set();
    return true;
  } catch (error) {
    if (databaseError(error)?.code !== SQLSTATE.invalidParameterValue) throw error;
    return false;
  }
}

/** For the pool, which takes a call without an error for success. */
async function answer(connected: Promise<unknown>, callback: (error: Error) => void): Promise<void> {
  try {
    await connected;
  } catch (error) {
    return callback(error as Error);
  }
  callback(undefined as never);
}
