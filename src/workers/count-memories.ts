import type { CountMemories } from '../observe/exchange-recorder.ts';
import { PART, type SharedMemory } from './shared-memory.ts';

/** Where a thread that takes traffic counts. */
export function countMemories(memory: SharedMemory, index: number): CountMemories {
  return {
    requests: memory.words(PART.requests(index)),
    upstreams: memory.words(PART.upstreamCounts(index)),
    refusals: memory.words(PART.refusals(index)),
    exemplars: memory.exemplars ? memory.words(PART.exemplars(index)) : null,
  };
}
