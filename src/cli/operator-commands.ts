import { type Command, Option } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { AdminCallError } from './admin/admin-call-error.ts';
import type { AdminOptions } from './admin/find-admin.ts';
import type { CommandIo } from './command-io.ts';
import { oneLine } from './terminal/one-line.ts';
import type { TurnAction } from './turn/turned-text.ts';

/** Told the exit code of the command that ran. */
type Done = (code: number) => void;

const ADMIN_HELP = `
Where the gateway is: --admin, else admin.listen of the configuration, else http://127.0.0.1:9901.
Its token: BREAKWATER_ADMIN_TOKEN, else admin.token of the configuration.`;

/** Adds the commands that ask a running gateway, or turn its breakers. What they need is loaded when one is used. */
export function addOperatorCommands(program: Command, io: CommandIo, done: Done): void {
  operator(program, 'status', 'show the breakers of a running gateway; exit 0 when it is healthy, 2 when not')
    .option('-w, --watch', 'go on until Ctrl-C', false)
    .option('--interval <duration>', 'between two looks of --watch', '1s')
    .option('--json', 'print what GET /overview says', false)
    .action((options, command: Command) =>
      run(io, done, async () => {
        const { status } = await import('./status/status.ts');
        return status({ ...options, ...adminOptions(command) }, io);
      }),
    );
  operator(program, 'events', 'list what has happened: breakers, targets, operators')
    .option('-f, --follow', 'go on until Ctrl-C', false)
    .option('--since <number>', 'only what came after the event with this number')
    .option('--json', 'print one JSON object a line', false)
    .action((options, command: Command) =>
      run(io, done, async () => {
        const { events } = await import('./events/events.ts');
        return events({ ...options, ...adminOptions(command) }, io);
      }),
    );
  const turn = async (
    action: TurnAction,
    names: readonly string[],
    all: boolean,
    command: Command,
  ): Promise<void> =>
    run(io, done, async () => {
      const { turnBreakers } = await import('./turn/turn-breakers.ts');
      return turnBreakers({ action, names, all, ...adminOptions(command) }, io);
    });
  operator(program, 'reset', 'close breakers and forget their counts')
    .argument('[name...]', "a breaker's name, or its upstream's")
    .option('--all', 'every breaker', false)
    .action((names: string[], { all }, command: Command) => turn('reset', names, all, command));
  for (const [action, description] of [
    ['open', 'keep a breaker open, whatever the traffic shows'],
    ['close', 'keep a breaker closed, whatever the traffic shows'],
    ['release', 'end what open or close did'],
  ] as const) {
    operator(program, action, description)
      .argument('<name>', "the breaker's name, or its upstream's")
      .action((name: string, _options, command: Command) => turn(action, [name], false, command));
  }
}

function operator(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addOption(new Option('--admin <url>', 'the admin API of the gateway'))
    .option('-c, --config <file>', 'the configuration of the gateway', 'gateway.yaml')
    .addHelpText('after', ADMIN_HELP);
}

function adminOptions(command: Command): AdminOptions {
  const { admin, config } = command.opts<{ admin?: string; config: string }>();
  return { admin, config, configNamed: command.getOptionValueSource('config') === 'cli' };
}

async function run(io: CommandIo, done: Done, command: () => Promise<number>): Promise<void> {
  try {
    done(await command());
  } catch (error) {
    if (error instanceof ConfigError) io.err(`${error.message}\n`);
    // Parts of it may be what a server said.
    else if (error instanceof AdminCallError) io.err(`breakwater: ${oneLine(error.message)}\n`);
    else throw error;
    done(1);
  }
}
