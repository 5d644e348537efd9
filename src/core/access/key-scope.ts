// What a key may do within the role of its user: with which datasets, and which kinds of calls.

/** read: look at imports and records; import: send files, and cancel, retry, commit or take back imports; write: change records one by one. */
export const SCOPE_VERBS = ['read', 'import', 'write'] as const;
export type ScopeVerb = (typeof SCOPE_VERBS)[number];

/** Null: all. */
export interface KeyScope {
  readonly datasets: readonly string[] | null;
  readonly verbs: readonly ScopeVerb[] | null;
}

export const WHOLE_SCOPE: KeyScope = { datasets: null, verbs: null };

export function isLimited({ datasets, verbs }: KeyScope): boolean {
  return datasets !== null || verbs !== null;
}

export function allowsVerb({ verbs }: KeyScope, verb: ScopeVerb): boolean {
  return verbs === null || verbs.includes(verb);
}

export function allowsDataset({ datasets }: KeyScope, name: string): boolean {
  return datasets === null || datasets.includes(name);
}
