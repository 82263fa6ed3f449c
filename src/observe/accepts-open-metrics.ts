const OPEN_METRICS = 'application/openmetrics-text';
/** Those that are printed alike. */
const VERSIONS: ReadonlySet<string> = new Set(['1.0.0', '0.0.1']);

interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0 to 1. */
  readonly quality: number;
}

/**
 * Whether a scraper would rather have OpenMetrics than the text format (RFC 9110 §12.5.1). It must have named it, or
 * `application/*`: whoever takes anything gets what everybody understands.
 *
 * @param accept the field, if there is one
 */
export function acceptsOpenMetrics(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.toLowerCase().split(',').map(mediaRange);
  const wanted = qualityOf(ranges, [isOpenMetrics, ({ type }) => type === 'application/*']);
  const text = qualityOf(ranges, [
    ({ type }) => type === 'text/plain',
    ({ type }) => type === 'text/*',
    ({ type }) => type === '*/*',
  ]);
  return wanted > 0 && wanted >= text;
}

/** That of the most specific ranges that fit, the best where there are several. */
function qualityOf(
  ranges: readonly MediaRange[],
  specific: readonly ((range: MediaRange) => boolean)[],
): number {
  for (const fits of specific) {
    const qualities = ranges.filter(fits).map(({ quality }) => quality);
    if (qualities.length > 0) return Math.max(...qualities);
  }
  return 0;
}

function isOpenMetrics({ type, parameters }: MediaRange): boolean {
  const version = parameters.get('version');
  return type === OPEN_METRICS && (version === undefined || VERSIONS.has(version));
}

function mediaRange(range: string): MediaRange {
  const [type = '', ...rest] = range.split(';').map((part) => part.trim());
  const parameters = new Map(
    rest.map((parameter) => {
      const [name = '', value = ''] = parameter.split('=', 2);
      return [name.trim(), value.trim().replace(/^"(.*)"$/, '$1')];
    }),
  );
  const quality = Number(parameters.get('q') ?? 1);
  return { type, parameters, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}
