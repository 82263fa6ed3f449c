import { LayeredLookup } from './layered-lookup.ts';
import { MemoryLayer } from './memory-layer.ts';

/** Two far caches, a near one and a database, each behind its breaker. Run it: node examples/layered-caches/main.ts */

const primary = new MemoryLayer('primary-cache');
const secondary = new MemoryLayer('secondary-cache', { logo: 'an anchor' });
const local = new MemoryLayer('local-cache');
const database = new MemoryLayer('database', { logo: 'an anchor', motto: 'Keep answering' });
const lookup = new LayeredLookup([primary, secondary, local, database], { layerTimeoutMs: 20 });
lookup.breakers.onTransition(({ breaker, from, to, reason }) =>
  console.log(`    breaker ${breaker}: ${from} → ${to} (${reason.message})`),
);

async function show(key: string): Promise<void> {
  const { value, source, skipped } = await lookup.get(key);
  console.log(
    `  ${key}: ${value ?? 'nothing'} from ${source ?? 'nowhere'}${skipped.length ? `, without ${skipped.join(', ')}` : ''}`,
  );
}

console.log('The first layer that has it answers, and the layers above learn it:');
await show('logo');
await show('logo');
await show('motto');
await show('none');

console.log('The primary cache is down, the secondary hangs:');
primary.condition = 'down';
secondary.condition = 'hanging';
for (let call = 0; call < 6; call++) await show('motto');
console.log(`  the primary cache was called ${primary.calls} times, the secondary ${secondary.calls} times`);
