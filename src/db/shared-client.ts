// A connection through a pooler in transaction mode, such as PgBouncer: the session behind it is another one for each transaction, and
// others use it in between. So nothing is left behind in it: statements get no name, and settings hold for one transaction.
import pg from 'pg';
import {
  compareSettings,
  mattersToStatement,
  setForTransaction,
  type ComparedSetting,
  type SessionSettings,
} from './session-settings.ts';
import { SettledClient, unlessRefused } from './settled-client.ts';

/** Parameters that PgBouncer keeps for each of its clients, and gives to whatever session the client has. */
const TRACKED = ['timezone', 'datestyle'];

/** As `getTransactionStatus` has it: no transaction is open. */
const NONE = 'I';

const OPENS_OR_ENDS = /^\s*(BEGIN|START|COMMIT|END|ROLLBACK|ABORT)\b/i;

/** What is sent to a server when a connection is opened. pg knows no way to add to it. */
const usual = pg.Client.prototype as unknown as { getStartupConf(): Record<string, string> };

type Callback = (error: Error | null, result?: pg.QueryResult) => void;

/** It takes one statement after the other, as pg asks of whoever uses a connection. */
export class SharedClient extends SettledClient {
  /** Of each transaction. */
  private forTransaction = '';
  /** Whether a statement by itself would run under settings that are not ours. */
  private wraps = false;

  getStartupConf(): Record<string, string> {
    const tracked = TRACKED.map((name) => [name, this.settings[name]!]);
    return { ...usual.getStartupConf.call(this), ...Object.fromEntries(tracked) };
  }

  protected override async settle(): Promise<void> {
    const { rows } = await super.query<ComparedSetting>(compareSettings(this.settings));
    this.wraps = rows.some(({ name, differs }) => differs && mattersToStatement(name));
    const known: SessionSettings = Object.fromEntries(rows.map(({ name }) => [name, this.settings[name]!]));
    const possible = await this.takes(this.ifPossible);
    this.forTransaction = setForTransaction({ ...known, ...(possible ? this.ifPossible : {}) });
  }

  private async takes(settings: SessionSettings): Promise<boolean> {
    if (Object.keys(settings).length === 0) return false;
    await super.query('BEGIN');
    try {
      return await unlessRefused(() => super.query(setForTransaction(settings)));
    } finally {
      await super.query('ROLLBACK');
    }
  }

  // The signatures of pg are many, and what they promise is not changed here.
  override query(...args: unknown[]): never {
    const send = (...all: unknown[]): never => (super.query as (...sent: unknown[]) => never)(...all);
    const [first, ...rest] = args;
    // COPY, which goes into a transaction that is open.
    if (typeof first === 'object' && first !== null && 'submit' in first) return send(...args);
    const { name: _none, ...config } =
      typeof first === 'string' ? { text: first } : (first as pg.QueryConfig);
    const isAlone = this.getTransactionStatus() === NONE && !OPENS_OR_ENDS.test(config.text);
    if (!isAlone || !this.wraps) return send({ ...config, text: this.opened(config.text) }, ...rest);
    const values = rest.find((each) => Array.isArray(each));
    const result = this.wrapped(values === undefined ? config : { ...config, values });
    const callback = rest.find((each) => typeof each === 'function') as Callback | undefined;
    return (callback === undefined ? result : void answer(result, callback)) as never;
  }

  /** A text that opens a transaction does it with our settings, and with the isolation that it names or the usual one. */
  private opened(text: string): string {
    return text.replace(/^BEGIN\b([^;]*)/, (begin, modes: string) => {
      const isolation = /ISOLATION/i.test(modes) ? '' : ' ISOLATION LEVEL READ COMMITTED';
      return `${begin}${isolation}; ${this.forTransaction}`;
    });
  }

  /** A statement as a transaction of its own, under our settings. */
  private async wrapped(config: pg.QueryConfig): Promise<pg.QueryResult> {
    await super.query(this.opened('BEGIN'));
    try {
      const result = await super.query(config);
      await super.query('COMMIT');
      return result;
    } catch (error) {
      // A lost connection cannot answer a ROLLBACK, and has rolled back already.
      await super.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

/** As pg calls back: what the callback throws is not the statement's failure. */
async function answer(result: Promise<pg.QueryResult>, callback: Callback): Promise<void> {
  let rows: pg.QueryResult;
  try {
    rows = await result;
  } catch (error) {
    return callback(error as Error);
  }
  callback(null, rows);
}
