import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchArguments, USAGE } from './bench-arguments.ts';
import { root } from './build-gateway.ts';
import { chooseCores } from './cores.ts';
import { programVersion } from './installed.ts';
import { describeMachine, QUIET_LOAD } from './machine.ts';
import { renderReport, renderScene, reportJson } from './report.ts';
import type { SceneResult } from './row.ts';
import { runScene } from './run-scene.ts';
import type { Context } from './scene.ts';
import { Sink } from './sink.ts';
import { updateDocs } from './update-docs.ts';
import { Upstream } from './upstream.ts';

/** Breakwater beside other proxies: npm run bench:proxy [-- --help]. bench/README.md says how to read it. */

/** @throws Error naming the first thing that is missing and how to get it */
function checkTools(): void {
  if (process.platform !== 'linux') throw new Error('It reads /proc and pins to cores: it needs Linux');
  for (const [command, args, install] of [
    ['taskset', ['--version'], 'util-linux'],
    ['wrk', ['-v'], 'wrk'],
    ['nginx', ['-v'], 'nginx (it is also the upstream)'],
  ] as const) {
    if (programVersion(command, args, /(.+)/) === null)
      throw new Error(`${command} is missing: apt-get install ${install}`);
  }
}

async function main(): Promise<void> {
  const { scenes, peers, effort, updateDocs: toDocs, help } = benchArguments(process.argv.slice(2));
  if (help) {
    console.log(USAGE);
    return;
  }
  checkTools();
  const cores = chooseCores();
  const machine = describeMachine(peers);
  if (machine.load > QUIET_LOAD)
    console.error(`The machine is busy (load ${machine.load.toFixed(1)}): the figures will say little.`);
  for (const { title, version, install, build } of peers) {
    if (version() === null) console.error(`${title} is left out. To have it: ${install}`);
    build?.();
  }

  // This program too keeps away from the core of the proxy.
  execFileSync('taskset', ['-cp', String(cores.load), String(process.pid)], { stdio: 'ignore' });
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const upstream = await Upstream.start(folder, cores.upstream, effort.transferBytes);
  const sink = await Sink.start(cores.upstream);
  const context: Context = { cores, effort, upstream, folder };

  const results: SceneResult[] = [];
  for (const scene of scenes) {
    const { place } = scene.upstream === 'sink' ? sink : upstream;
    const result = await runScene({ scene, peers, place, context });
    results.push(result);
    console.log(`${renderScene(scene, result)}\n`);
  }
  await Promise.all([upstream.child.stop(), sink.child.stop()]);

  const report = { machine, effort, results };
  const text = renderReport(report, scenes);
  const target = join(root, 'bench/results');
  mkdirSync(target, { recursive: true });
  const name = `proxy-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  writeFileSync(join(target, `${name}.md`), `${text}\n`);
  writeFileSync(join(target, `${name}.json`), reportJson(report));
  console.log(`Written: bench/results/${name}.md and .json`);
  if (toDocs) updateDocs(join(root, 'docs/performance.md'), text);
}

// Ends the programs that it started, by way of 'exit'.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
