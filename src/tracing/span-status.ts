import type { SpanStatusCode } from '@opentelemetry/api';

/** Of the API, which is not loaded where only its types are needed. */
export const ERROR: SpanStatusCode.ERROR = 2;
