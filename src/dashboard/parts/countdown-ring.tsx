import { countdown } from '../words/format.ts';

const RADIUS = 21;
const AROUND = 2 * Math.PI * RADIUS;

interface Props {
  readonly leftMs: number;
  readonly wholeMs: number;
}

/** What is left of the open time, as an arc that gets shorter. The sentence beside it says the same. */
export function CountdownRing({ leftMs, wholeMs }: Props) {
  const share = Math.min(1, Math.max(0, leftMs / Math.max(1, wholeMs)));
  const text = leftMs > 0 ? countdown(leftMs) : '';
  return (
    <svg class="countdown" viewBox="0 0 52 52" width="52" height="52" aria-hidden="true">
      <circle cx="26" cy="26" r={RADIUS} class="countdown-track" />
      <circle
        cx="26"
        cy="26"
        r={RADIUS}
        class="countdown-arc"
        stroke-dasharray={`${share * AROUND} ${AROUND}`}
        transform="rotate(-90 26 26)"
      />
      <text x="26" y="26" class={text.length > 3 ? 'countdown-text long' : 'countdown-text'}>
        {text}
      </text>
    </svg>
  );
}
