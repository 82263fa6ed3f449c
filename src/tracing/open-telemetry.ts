type Api = typeof import('@opentelemetry/api');
type Sdk = typeof import('@opentelemetry/sdk-trace');
type Resources = typeof import('@opentelemetry/resources');

/** What we need of OpenTelemetry. Nothing of it is registered anywhere: other users in this process keep their own. */
export interface OpenTelemetry {
  readonly api: Api;
  readonly sdk: Sdk;
  readonly resources: Resources;
}

const PACKAGES = '@opentelemetry/api @opentelemetry/sdk-trace @opentelemetry/resources';

/**
 * Loads it, which takes a tenth of a second and 20 MB in each thread: only where tracing is configured.
 *
 * @param load how; for tests
 * @throws Error `TRACING_PACKAGES_MISSING` a package is not installed
 */
export async function openTelemetry(
  load: () => Promise<OpenTelemetry> = loadPackages,
): Promise<OpenTelemetry> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes('@opentelemetry/')) throw error;
    const text = `Tracing is configured, which needs packages that are not installed: npm install ${PACKAGES}`;
    // A code, not a class: a worker's error reaches the command line without its class.
    throw Object.assign(new Error(text, { cause: error }), { code: 'TRACING_PACKAGES_MISSING' });
  }
}

async function loadPackages(): Promise<OpenTelemetry> {
  const [api, sdk, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
  ]);
  return { api, sdk, resources };
}
