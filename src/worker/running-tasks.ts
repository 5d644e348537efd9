/** Which imports have work in this process, and how to cut it off. */
export interface RunningTasks {
  begin(importId: string): AbortController;
  end(importId: string, abort: AbortController): void;
  /** Those that have any now. */
  ids(): string[];
  /** Cuts off the work of one import. */
  abort(importId: string, reason: string): void;
  abortAll(reason: string): void;
}

export function createRunningTasks(): RunningTasks {
  const running = new Map<string, Set<AbortController>>();
  const abortEach = (controllers: Iterable<AbortController>, reason: string): void => {
    for (const controller of controllers) controller.abort(reason);
  };
  return {
    begin(importId) {
      const abort = new AbortController();
      const all = running.get(importId) ?? new Set();
      running.set(importId, all.add(abort));
      return abort;
    },
    end(importId, abort) {
      const all = running.get(importId);
      all?.delete(abort);
      if (all?.size === 0) running.delete(importId);
    },
    ids: () => [...running.keys()],
    abort: (importId, reason) => abortEach(running.get(importId) ?? [], reason),
    abortAll: (reason) => {
      for (const controllers of running.values()) abortEach(controllers, reason);
    },
  };
}
