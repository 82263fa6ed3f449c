import { readState } from './demo-state.ts';

/** `make demo-stop SERVICE=auth` and `make demo-start SERVICE=auth`: asks the running demo to do it. */

async function ask(action: string, service: string): Promise<string> {
  if (service === '') throw new Error(`Which service? For example: make demo-${action} SERVICE=auth`);
  const state = readState();
  if (state === null) throw new Error('No demo is running here. Start one with: make demo');
  let answer: Response;
  try {
    answer = await fetch(`${state.url}/${action}/${encodeURIComponent(service)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${state.token}` },
    });
  } catch (cause) {
    throw new Error('The demo does not answer; it seems to have ended. Start it with: make demo', { cause });
  }
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

try {
  console.log(await ask(process.argv[2] ?? '', process.argv[3] ?? ''));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
