export const silent = { info: () => undefined, debug: () => undefined };
