import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import Opossum from 'opossum';
import { CircuitBreaker, wordsNeeded } from '../src/resilience/index.ts';
import type { Case } from './measure.ts';

/** The same rule for all: five failures in a row, a minute open, no timer per call. */
const RULE = { failureThreshold: 5, openTimeoutMs: 60_000 };

/** What is protected: as little as possible, so that the breaker is what is measured. */
const work = async (): Promise<number> => 42;
const failing = (): Promise<never> => Promise.reject(new Error('down'));

/** Keeps results alive, so that the compiler cannot drop the calls. */
export const sink = { value: 0 };

function own(name: string, shared: boolean): CircuitBreaker {
  const options = { name, ...RULE };
  if (!shared) return new CircuitBreaker(options);
  const memory = new Int32Array(new SharedArrayBuffer(wordsNeeded({}) * 4));
  return new CircuitBreaker({ ...options, memory });
}

function twoStep(name: string, breaker: CircuitBreaker, durationMs?: number): Case {
  return {
    name,
    run: (times) => {
      let counted = 0;
      for (let call = 0; call < times; call++) {
        const permit = breaker.tryAcquire();
        if (breaker.settle(permit, 'success', durationMs)) counted++;
      }
      sink.value += counted;
    },
  };
}

function awaited(name: string, call: () => Promise<number>): Case {
  return {
    name,
    run: async (times) => {
      let sum = 0;
      for (let index = 0; index < times; index++) sum += await call();
      sink.value += sum;
    },
  };
}

function rejected(name: string, call: () => Promise<unknown>): Case {
  return {
    name,
    run: async (times) => {
      let refused = 0;
      for (let index = 0; index < times; index++) {
        try {
          await call();
        } catch {
          refused++;
        }
      }
      if (refused !== times) throw new Error(`${name}: let ${times - refused} calls through`);
    },
  };
}

function cockatiel(): ReturnType<typeof circuitBreaker> {
  return circuitBreaker(handleAll, {
    halfOpenAfter: RULE.openTimeoutMs,
    breaker: new ConsecutiveBreaker(RULE.failureThreshold),
  });
}

/** The settings that cost opossum least: no timer per call, no percentiles. */
function opossum<T>(action: () => Promise<T>): Opossum<[], T> {
  return new Opossum(action, {
    timeout: false,
    resetTimeout: RULE.openTimeoutMs,
    rollingPercentilesEnabled: false,
  });
}

export interface Cases {
  readonly closed: Case;
  readonly closedShared: Case;
  /** The same with the duration of the call given, which keeps shortest, longest and average. */
  readonly timed: Case;
  readonly timedShared: Case;
  readonly execute: Case;
  readonly cockatiel: Case;
  readonly opossum: Case;
  readonly refusal: Case;
  readonly refusalError: Case;
  readonly cockatielRefusal: Case;
  readonly opossumRefusal: Case;
  /** Ends what the libraries keep running. */
  readonly close: () => void;
}

/** Breakers that are closed, and others that are open, of each library. */
export async function makeCases(): Promise<Cases> {
  const executing = own('execute', false);
  const policy = cockatiel();
  const circuit = opossum(work);

  const open = own('open', false);
  open.forceOpen();
  const openPolicy = cockatiel();
  openPolicy.isolate();
  const openCircuit = opossum(failing);
  openCircuit.open();

  return {
    closed: twoStep('breakwater tryAcquire + settle', own('private', false)),
    closedShared: twoStep('breakwater tryAcquire + settle, shared memory', own('shared', true)),
    timed: twoStep('breakwater tryAcquire + settle, timed', own('timed', false), 1),
    timedShared: twoStep('breakwater tryAcquire + settle, timed, shared memory', own('timed', true), 1),
    execute: awaited('breakwater execute', () => executing.execute(work)),
    cockatiel: awaited('cockatiel execute', () => policy.execute(work)),
    opossum: awaited('opossum fire', () => circuit.fire()),
    refusal: {
      name: 'breakwater tryAcquire, refused',
      run: (times) => {
        let refused = 0;
        for (let call = 0; call < times; call++) if (open.tryAcquire() === 0) refused++;
        if (refused !== times) throw new Error('The open breaker let calls through');
        sink.value += refused;
      },
    },
    refusalError: rejected('breakwater execute, refused', () => open.execute(work)),
    cockatielRefusal: rejected('cockatiel execute, refused', () => openPolicy.execute(work)),
    opossumRefusal: rejected('opossum fire, refused', () => openCircuit.fire()),
    close: () => {
      circuit.shutdown();
      openCircuit.shutdown();
    },
  };
}

/** Bytes of state of a breaker with a window of ten buckets and the rule that needs most. */
export function stateBytes(): number {
  return (
    4 *
    wordsNeeded({
      slowCall: { durationMs: 1000, rate: 80 },
      window: { type: 'time', durationMs: 30_000, buckets: 10 },
    })
  );
}
