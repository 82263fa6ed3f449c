/** What a scraper says that would rather have it. */
export const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8, text/plain; q=0.5';

// Infinity and NaN in whatever case (the standard's ABNF).
const NUMBER = '[+-]?(?:\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|[Ii]nf|[Nn]a[Nn])';
const LABELS = '\\{(?:[a-zA-Z_]\\w*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"(?:,(?!\\}))?)*\\}';
const SAMPLE = new RegExp(
  `^([a-zA-Z_:][\\w:]*)(${LABELS})? (${NUMBER})(?: ${NUMBER})?( # ${LABELS} ${NUMBER}(?: ${NUMBER})?)?$`,
);

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  unknown: [''],
  histogram: ['_bucket', '_count', '_sum'],
};

/**
 * What a text does against OpenMetrics 1.0: lines that are none of its grammar, families that are torn apart or clash,
 * samples that do not belong to their family, exemplars where none may be, and no end.
 */
export function openMetricsMistakes(text: string): string[] {
  const mistakes: string[] = [];
  if (!text.endsWith('\n# EOF\n')) mistakes.push('it does not end with # EOF');
  const families = new Map<string, string>();
  const series = new Set<string>();
  let family = '';
  for (const line of text.slice(0, text.lastIndexOf('# EOF')).trimEnd().split('\n')) {
    const described = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line);
    if (described !== null) {
      const [, what, name = '', rest = ''] = described;
      if (what === 'HELP' && /(?:^|[^\\])(?:\\\\)*(?:"|\\[^"\\n])/.test(rest))
        mistakes.push(`unescaped: ${line}`);
      if (what === 'TYPE' && families.has(name)) mistakes.push(`twice: ${line}`);
      if (what === 'TYPE') {
        families.set(name, rest);
        family = name;
      }
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (sample === null) {
      mistakes.push(`no sample: ${line}`);
      continue;
    }
    const [, name = '', labels = '', , exemplar] = sample;
    const suffixes = SUFFIXES[families.get(family) ?? ''] ?? [];
    if (!suffixes.some((suffix) => name === family + suffix)) mistakes.push(`not of ${family}: ${line}`);
    if (series.has(name + labels)) mistakes.push(`twice: ${line}`);
    series.add(name + labels);
    if (exemplar !== undefined && !/_(bucket|total)$/.test(name)) mistakes.push(`an exemplar: ${line}`);
  }
  for (const [name, type] of families) {
    for (const suffix of SUFFIXES[type] ?? []) {
      if (suffix !== '' && families.has(name + suffix)) mistakes.push(`${name} and ${name}${suffix} clash`);
    }
  }
  for (const name of families.keys()) {
    if (families.get(name) === 'counter' && name.endsWith('_total'))
      mistakes.push(`a counter called ${name}`);
  }
  return mistakes;
}
