import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { CommandIo } from './command-io.ts';
import { addOperatorCommands } from './operator-commands.ts';

/**
 * The command line. What a command needs is loaded when it is used: the reader of configurations alone takes longer than
 * asking a gateway how it is.
 *
 * @param args without the program's own name
 * @returns the exit code
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  let code = 0;
  const program = new Command('breakwater')
    .description('An API gateway that keeps answering while the services behind it fail.')
    .version(version())
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .showHelpAfterError('(breakwater --help tells more)');
  withConfig(program.command('start').description('run the gateway until SIGTERM or Ctrl-C')).action(
    async ({ config }) => {
      const { start } = await import('./start.ts');
      code = await start(config, io);
    },
  );
  withConfig(
    program
      .command('check')
      .description('list every mistake of the configuration; exit 0 when there is none')
      .option('--print', 'say as well what the requests of each route pass through', false),
  ).action(async ({ config, print }) => {
    const { check } = await import('./check.ts');
    code = check(config, print, io);
  });
  program
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .action(async () => {
      const { schema } = await import('./schema.ts');
      code = schema(io);
    });
  addOperatorCommands(program, io, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    // Commander has printed what there is to say: help, the version, or what is wrong about the arguments.
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}

function withConfig(command: Command): Command {
  return command.option('-c, --config <file>', 'the configuration', 'gateway.yaml');
}

/** The package's own file is two folders up from here, in src/cli/ as in dist/parts/. */
function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
