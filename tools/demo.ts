import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listenForControl } from './demo-control-server.ts';
import { say } from './demo-output.ts';
import { type DemoProgram, demoFolder, planDemo } from './demo-plan.ts';
import { RunningProgram } from './demo-program.ts';
import { clearLeftovers } from './demo-state.ts';

/** `make demo`: the whole school system on this machine, until Ctrl-C. */

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

/** @throws Error naming the first port that is taken and the variable that moves it. */
async function checkPorts(programs: readonly DemoProgram[]): Promise<void> {
  for (const program of programs) {
    for (const { port, variable } of program.ports) {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', (cause: NodeJS.ErrnoException) => {
          const why = cause.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${cause.code})`;
          const other = port < 50_000 ? port + 10_000 : port - 10_000;
          reject(
            new Error(
              `Port ${port}, meant for ${program.name}, ${why}. ` +
                `Free it, or choose another: make demo ${variable}=${other}`,
              { cause },
            ),
          );
        });
        server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
      });
    }
  }
}

function instructions(gatewayUrl: string, adminUrl: string): string[] {
  return [
    '',
    `Gateway       ${gatewayUrl}   (/auth/*, /schools/*, /students/*)`,
    `Health        ${gatewayUrl}/health`,
    `Live page     ${adminUrl}/`,
    `Admin         ${adminUrl}/breakers   ${adminUrl}/metrics`,
    '',
    'The failure drill, in another terminal of this folder:',
    '',
    '  make demo-status             (watches the breakers, in a third one)',
    '  make demo-stop SERVICE=auth',
    `  for i in 1 2 3 4 5 6; do curl -s -w ' %{http_code}\\n' -H 'content-type: application/json' \\`,
    `    -d '{"email":"ann@example.com","password":"correct horse battery"}' ${gatewayUrl}/auth/login; done`,
    `  curl -s ${gatewayUrl}/health`,
    `  curl -s -w ' %{http_code}\\n' ${gatewayUrl}/schools`,
    '  make demo-start SERVICE=auth',
    '',
    'The first good answer after the open time closes the breaker. Ctrl-C stops everything.',
    '',
  ];
}

/** Resolves at the first signal to end, or when nobody reads the output any more; a second signal ends it at once. */
function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.on('error', () => resolve());
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        resolve();
      });
    }
  });
}

async function main(): Promise<void> {
  clearLeftovers();
  const { programs, gatewayUrl, adminUrl } = planDemo();
  await checkPorts(programs);
  rmSync(demoFolder, { recursive: true, force: true });
  mkdirSync(demoFolder, { mode: 0o700 });

  const running = new Map(programs.map((plan) => [plan.name, new RunningProgram(plan)]));
  process.once('exit', () => {
    for (const program of running.values()) program.killNow();
    rmSync(demoFolder, { recursive: true, force: true });
  });
  const asked = askedToEnd();
  const control = await listenForControl(running);

  const started = Promise.all([...running.values()].map((program) => program.start()));
  control.save();
  const failure = await Promise.race([
    started.then(
      () => null,
      (error: Error) => error,
    ),
    asked.then(() => null),
  ]);
  if (failure === null) {
    // Without the name before each line, so that the commands can be copied.
    console.log(instructions(gatewayUrl, adminUrl).join('\n'));
    await asked;
    say('demo', 'stopping');
  }
  control.close();
  // The gateway first, so that requests on their way still find their services.
  await running.get('gateway')?.stop();
  await Promise.all([...running.values()].map((program) => program.stop()));
  if (failure !== null) throw failure;
}

try {
  await main();
  process.exit(0);
} catch (error) {
  say('demo', (error as Error).message);
  process.exit(1);
}
