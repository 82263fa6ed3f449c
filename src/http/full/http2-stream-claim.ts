import { channel } from 'node:diagnostics_channel';
import type { ClientHttp2Stream } from 'node:http2';

type Claim = (stream: ClientHttp2Stream) => void;

let claim: Claim | null = null;

channel('http2.client.stream.created').subscribe((message) => {
  claim?.((message as { stream: ClientHttp2Stream }).stream);
  claim = null;
});

/**
 * Hands over the HTTP/2 stream that is opened next, if that happens before this turn is over.
 *
 * undici keeps the stream of a request to itself, but what it does with it breaks two duties: a stream that the upstream
 * cancelled in the middle of the body counts as complete (RFC 9113 §8.1), and giving up a request while its body is being
 * sent resets nothing, so that the upstream waits for the rest of it (seen with undici 8.12 on Node 26).
 */
export function claimNextStream(claimant: Claim): void {
  claim = claimant;
  queueMicrotask(() => {
    if (claim === claimant) claim = null;
  });
}
