import { gatewayJsonSchema } from '../config/json-schema.ts';
import type { CommandIo } from './command-io.ts';

/** `breakwater schema`. @returns the exit code */
export function schema(io: CommandIo): number {
  io.out(`${JSON.stringify(gatewayJsonSchema(), null, 2)}\n`);
  return 0;
}
