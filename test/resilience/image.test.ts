import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, root } from './docker.ts';
import { drillMode } from './open-stage.ts';

/** Its side container cannot be pulled everywhere; what is started here is stopped here. */
process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';

const image = 'breakwater-drill-image';

describe.runIf(drillMode() === 'compose')('the gateway image', () => {
  let gateway: StartedTestContainer;

  beforeAll(async () => {
    await command('docker', ['build', '--tag', image, '--target', 'gateway', root]);
    gateway = await new GenericContainer(image)
      .withExposedPorts(8080)
      .withWaitStrategy(Wait.forHealthCheck())
      .start();
  });

  afterAll(async () => {
    await gateway?.stop();
    await command('docker', ['image', 'rm', '--force', image]);
  });

  it('is healthy by its own check, with no service behind it', async () => {
    const url = `http://${gateway.getHost()}:${gateway.getMappedPort(8080)}/health/ready`;
    expect((await fetch(url)).status).toBe(200);
  });

  it('does not run as root', async () => {
    expect((await gateway.exec(['id', '-u'])).output.trim()).toBe('1000');
  });

  it('holds the production dependencies only, and no sources', async () => {
    const listing = (await gateway.exec(['ls', '/app', '/app/node_modules'])).output.split(/\s+/);
    expect(listing).toContain('undici');
    expect(listing).toContain('dist');
    for (const name of ['typescript', 'vitest', 'fastify', 'mongodb', 'src', 'test', 'services']) {
      expect(listing).not.toContain(name);
    }
  });
});
