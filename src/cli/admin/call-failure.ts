import { AdminCallError } from './admin-call-error.ts';
import type { AdminPlace } from './find-admin.ts';

/** Codes that Node gives certificates which it does not trust. */
const CERTIFICATE = /CERT|UNABLE_TO_|SELF_SIGNED|HOSTNAME_MISMATCH/;

/** What `fetch` failed of, in words that say what to do. */
export function callFailure(error: unknown, { url, hint }: AdminPlace, limitMs: number): AdminCallError {
  if (error instanceof AdminCallError) return error;
  if ((error as Error).name === 'TimeoutError') {
    return new AdminCallError('TIMEOUT', `${url} has been silent for ${limitMs / 1000} s`, error);
  }
  const cause = (error as Error).cause ?? error;
  const code = String((cause as NodeJS.ErrnoException).code ?? '');
  const message = (cause as Error).message;
  if (CERTIFICATE.test(code)) {
    return new AdminCallError(
      'NOT_BREAKWATER',
      `${url} has a certificate that is not trusted here (${code}); NODE_EXTRA_CA_CERTS names a file of authorities to trust`,
      error,
    );
  }
  return new AdminCallError(
    'UNREACHABLE',
    `${reason(code, message, url)}${hint === null ? '' : `; ${hint}`}`,
    error,
  );
}

function reason(code: string, message: string, url: string): string {
  if (code === 'ECONNREFUSED') {
    return `nobody listens on ${url}: no gateway runs there, or its admin API is elsewhere`;
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `${url} cannot be reached: its name is not known`;
  if (code.startsWith('ERR_SSL')) return `${url} does not speak TLS (${code}): write http:// for it`;
  // Ports of other protocols, to which no `fetch` sends anything (Fetch Standard, 2.9).
  if (message === 'bad port')
    return `${url} has a port that is kept for something else than HTTP; choose another`;
  return `${url} cannot be reached: ${message}${code === '' || message.includes(code) ? '' : ` (${code})`}`;
}

/** Why an answer is none that a command can use. @param text its body, or the beginning of it */
export function answerFailure(response: Response, text: string, { url, token }: AdminPlace): AdminCallError {
  const { status } = response;
  if (status >= 300 && status < 400) {
    return new AdminCallError(
      'REDIRECT',
      `${url} redirects to ${response.headers.get('location') ?? 'another place'}; that is not followed, because the token is not for others: give the right address with --admin`,
    );
  }
  const refusal = parseRefusal(text);
  if (refusal === null) {
    const type = response.headers.get('content-type') ?? 'no content type';
    return new AdminCallError(
      'NOT_BREAKWATER',
      `what answers on ${url} is not the admin API of Breakwater (${status}, ${type}); give its address with --admin`,
    );
  }
  if (status === 401) {
    const what = token === null ? 'wants a token' : 'refuses the token, which is a wrong one';
    return new AdminCallError(
      'UNAUTHORIZED',
      `${url} ${what}: set BREAKWATER_ADMIN_TOKEN to its admin.token`,
    );
  }
  const said = `${refusal.message} (${status} ${refusal.code})`;
  if (status === 403) return new AdminCallError('FORBIDDEN', `${url} refuses this: ${said}`);
  if (status === 404 && refusal.code !== 'BREAKER_NOT_FOUND') {
    return new AdminCallError(
      'NOT_BREAKWATER',
      `${url} does not know this request: it is not the admin API, or one of an older Breakwater: ${said}`,
    );
  }
  if (status === 503) return new AdminCallError('BUSY', `${url} cannot do it now: ${said}`);
  return new AdminCallError('REFUSED', `${url} could not do it: ${said}`);
}

/** The shape of all the gateway's errors; null: it is none of them. */
function parseRefusal(text: string): { readonly code: string; readonly message: string } | null {
  try {
    const { error } = JSON.parse(text);
    return typeof error?.code === 'string' && typeof error.message === 'string' ? error : null;
  } catch {
    return null;
  }
}
