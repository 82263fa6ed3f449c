import type { Attributes, AttributeValue, HrTime } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/**
 * An ExportTraceServiceRequest in the JSON of OTLP (opentelemetry-proto, trace/v1; ids in hexadecimal, 64-bit numbers as
 * text).
 *
 * @param spans of one resource and one scope, one at least
 */
export function otlpJson(spans: readonly ReadableSpan[]): string {
  const [{ resource, instrumentationScope }] = spans as [ReadableSpan];
  const { name, version } = instrumentationScope;
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: keyValues(resource.attributes as Attributes) },
        scopeSpans: [{ scope: { name, version }, spans: spans.map(spanJson) }],
      },
    ],
  });
}

/** `SpanFlags` (trace.proto): beside the W3C flags, whether the parent is in another process, and that this is known. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

function spanJson(span: ReadableSpan): Record<string, unknown> {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const { parentSpanContext: parent, status } = span;
  return {
    traceId,
    spanId,
    traceState: traceState?.serialize(),
    parentSpanId: parent?.spanId,
    flags: traceFlags | HAS_IS_REMOTE | (parent?.isRemote === true ? IS_REMOTE : 0),
    name: span.name,
    // The API counts from 0, OTLP has 0 for "unspecified".
    kind: span.kind + 1,
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(span.endTime),
    attributes: keyValues(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map(({ time, name, attributes }) => ({
      timeUnixNano: nanoseconds(time),
      name,
      attributes: keyValues(attributes ?? {}),
    })),
    droppedEventsCount: span.droppedEventsCount,
    status: { code: status.code, message: status.message },
  };
}

function nanoseconds([seconds, rest]: HrTime): string {
  return `${seconds}${String(rest).padStart(9, '0')}`;
}

function keyValues(attributes: Attributes): { key: string; value: unknown }[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined || value === null ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: Exclude<AttributeValue, null>): Record<string, unknown> {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'string':
      return { stringValue: value };
    default:
      return { arrayValue: { values: (value as readonly string[]).map((item) => anyValue(item)) } };
  }
}
