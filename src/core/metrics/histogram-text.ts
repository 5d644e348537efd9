// Histograms in Prometheus' text format, of what was counted elsewhere: prom-client has no way to be given their buckets.

export interface CountedSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** How many were in each bucket alone; the last is of all above the last bound. */
  readonly counts: readonly number[];
  readonly seconds: number;
}

/** A bucket counts all times up to its bound. */
export function histogramText(
  {
    name,
    help,
    boundsS,
  }: { readonly name: string; readonly help: string; readonly boundsS: readonly number[] },
  series: readonly CountedSeries[],
): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
  for (const { labels, counts, seconds } of series) {
    const its = Object.entries(labels)
      .map(([label, value]) => `${label}="${escapeLabel(value)}"`)
      .join(',');
    let upTo = 0;
    for (const [at, bound] of [...boundsS, '+Inf'].entries()) {
      upTo += counts[at] ?? 0;
      lines.push(`${name}_bucket{${its},le="${bound}"} ${upTo}`);
    }
    lines.push(`${name}_sum{${its}} ${seconds}`, `${name}_count{${its}} ${upTo}`);
  }
  return `${lines.join('\n')}\n`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
