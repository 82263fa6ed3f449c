import { ask, get } from './ask.ts';
import { Child } from './child.ts';
import type { Core } from './cores.ts';
import { freePort } from './free-port.ts';
import { nodeProgram } from './node-program.ts';
import type { UpstreamPlace } from './upstream.ts';
import { waitFor } from './wait-for.ts';

/** An upstream that counts the bytes that it is sent; nginx would answer before it has read them. */
export class Sink {
  readonly place: UpstreamPlace;
  readonly child: Child;

  private constructor(port: number, child: Child) {
    this.place = { port, address: '127.0.0.1', many: [] };
    this.child = child;
  }

  static async start(core: Core): Promise<Sink> {
    const port = await freePort();
    const sink = new Sink(port, new Child(nodeProgram('sink-server.ts', [port]), core));
    await waitFor('The sink', sink.child, async () => (await ask(port, get('/'))).status === 200);
    return sink;
  }
}
