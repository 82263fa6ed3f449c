import type { BreakerAction } from '../live/admin-api.ts';

/** What a button does, before and while it is confirmed. */
export interface ActionWords {
  readonly label: string;
  readonly question: (name: string) => string;
  readonly consequence: (name: string) => string;
  /** It makes requests fail, or hides that they do. */
  readonly grave: boolean;
}

export const ACTION_WORDS: Readonly<Record<BreakerAction, ActionWords>> = {
  open: {
    label: 'Force open',
    question: (name) => `Hold ${name} open?`,
    consequence: (name) =>
      `Requests to ${name} get 503 at once, or what their route has as a fallback, until you release it.`,
    grave: true,
  },
  close: {
    label: 'Force closed',
    question: (name) => `Hold ${name} closed?`,
    consequence: (name) =>
      `Every request goes to ${name}, however many fail. Nothing protects it until you release it.`,
    grave: true,
  },
  release: {
    label: 'Release',
    question: (name) => `Release ${name}?`,
    consequence: () => 'The breaker decides by itself again: from open it asks for a probe first.',
    grave: false,
  },
  reset: {
    label: 'Reset',
    question: (name) => `Reset ${name}?`,
    consequence: (name) =>
      `The breaker closes and forgets all its counts. Requests go to ${name} at once, whether or not it answers.`,
    grave: false,
  },
};
