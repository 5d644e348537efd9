// A connection whose session is its own, as long as it lasts.
import type pg from 'pg';
import { statementName } from './prepared.ts';
import { setForSession } from './session-settings.ts';
import { SettledClient, unlessRefused } from './settled-client.ts';

/** Longer texts hold lists, such as rows to insert: there are too many of them to be kept. */
const LONGEST_PREPARED_CHARS = 4000;

/** It has Postgres parse and plan a statement with parameters once, not each time it is sent. */
export class SessionClient extends SettledClient {
  private readonly names = new Map<string, string>();

  protected override async settle(): Promise<void> {
    await super.query(setForSession(this.settings));
    if (Object.keys(this.ifPossible).length === 0) return;
    await unlessRefused(() => super.query(setForSession(this.ifPossible)));
  }

  // The signatures of pg are many, and what they promise is not changed here.
  override query(...args: unknown[]): never {
    const [first, values] = args;
    const config = typeof first === 'string' ? { text: first } : (first as pg.QueryConfig);
    const isParameterized = Array.isArray(values) && values.length > 0;
    if (isParameterized && config.name === undefined && config.text.length <= LONGEST_PREPARED_CHARS)
      args[0] = { ...config, name: this.nameOf(config.text) };
    return (super.query as (...args: unknown[]) => never)(...args);
  }

  private nameOf(text: string): string {
    const name = this.names.get(text) ?? statementName(text);
    this.names.set(text, name);
    return name;
  }
}
