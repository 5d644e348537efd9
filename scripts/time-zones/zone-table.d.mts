export function zoneTable(): { readonly version: string; readonly lines: readonly string[] };
