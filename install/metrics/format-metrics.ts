/** What is measured, with all its values. */
export interface MetricFamily {
  /** `usercrash_..._total` for a counter; with its unit, as `_bytes` and `_seconds`. */
  name: string;
  type: 'counter' | 'gauge';
  help: string;
  /** None where nothing is known. */
  samples: readonly { labels?: Readonly<Record<string, string>>; value: number }[];
}

/**
 * Text that Prometheus reads: version 0.0.4 of its exposition format
 * (prometheus.io/docs/instrumenting/exposition_formats). Families without samples are left out.
 */
export function formatMetrics(families: readonly MetricFamily[]): string {
  const known = families.filter(({ samples }) => samples.length > 0);
  const lines = known.flatMap(({ name, type, help, samples }) => [
    `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(({ labels = {}, value }) => `${name}${formatLabels(labels)} ${formatValue(value)}`),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** As Go reads a float. */
function formatValue(value: number): string {
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN';
}
