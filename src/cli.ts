#!/usr/bin/env node
import { processIo } from './cli/command-io.ts';

// Whoever read these may be gone, as `tee` is after Ctrl-C: no reason not to stop gracefully.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const { main } = await import('./cli/main.ts');
process.exitCode = await main(process.argv.slice(2), processIo);
// Something that still keeps the process alive must not: half a second is for output on its way. Without such a
// thing the process ends by itself before.
setTimeout(() => process.exit(), 500).unref();
