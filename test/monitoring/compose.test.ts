import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { repository } from './repository.ts';

interface Service {
  readonly profiles?: readonly string[];
  readonly image?: string;
  readonly entrypoint?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
}

const text = readFileSync(`${repository}docker-compose.yml`, 'utf8');
const services = parse(text, { merge: true }).services as Record<string, Service>;
const monitoring = Object.entries(services).filter(([, { profiles }]) => profiles !== undefined);

function startScript(env: Record<string, string>): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    'sh',
    [`${repository}deploy/prometheus/start.sh`, '--a=1', 'b c'],
    {
      env: { PATH: process.env.PATH, ...env },
      encoding: 'utf8',
    },
  );
  return { status, output: stdout + stderr };
}

describe('the profile monitoring', () => {
  it('is two services that `make up` does not start', () => {
    expect(monitoring.map(([name]) => name)).toEqual(['prometheus', 'grafana']);
    for (const [, { profiles }] of monitoring) expect(profiles).toEqual(['monitoring']);
  });

  it.each(monitoring)('%s is pinned, hardened, and reached from this machine only', (_, service) => {
    expect(service.image).toMatch(/:v?\d+\.\d+\.\d+$/);
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    const mounts = (service.volumes ?? []).filter((volume) => volume.startsWith('./'));
    expect(mounts).not.toEqual([]);
    for (const mount of mounts) expect(mount).toMatch(/^\.\/deploy\/.*:ro$/);
  });

  it('hands Prometheus the token that the gateway has, by its environment', () => {
    const { gateway, prometheus } = services;
    const token = gateway?.environment?.BREAKWATER_ADMIN_TOKEN;
    expect(token).toMatch(/^\$\{BREAKWATER_ADMIN_TOKEN:-/);
    expect(prometheus?.environment?.BREAKWATER_ADMIN_TOKEN).toBe(token);
  });

  it('keeps the token in memory, where prometheus.yml looks for it', () => {
    const config = parse(readFileSync(`${repository}deploy/prometheus/prometheus.yml`, 'utf8'));
    const [job] = config.scrape_configs;
    const script = readFileSync(`${repository}deploy/prometheus/start.sh`, 'utf8');
    expect(script).toContain(`BREAKWATER_TOKEN_FILE:-${job.authorization.credentials_file}}`);
    const [folder] = services.prometheus?.tmpfs?.[0]?.split(':') ?? [];
    expect(job.authorization.credentials_file).toBe(`${folder}/admin-token`);
  });
});

describe('start.sh', () => {
  it('leaves the token in a file that only its owner can read, and not in the environment of Prometheus', async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/token`;
    const shown = `${folder.path}/shown`;
    // Stands in for Prometheus and tells what it was given.
    const { status } = startScript({
      BREAKWATER_ADMIN_TOKEN: "it's $HOME %s",
      BREAKWATER_TOKEN_FILE: file,
      PROMETHEUS: program(
        `${folder.path}/prometheus`,
        `(stat -c %a ${file}; env; printf '<%s>' "$@") >${shown}`,
      ),
    });
    expect(status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe("it's $HOME %s");
    const [mode, ...rest] = readFileSync(shown, 'utf8').split('\n');
    expect(mode).toBe('600');
    expect(rest.join('\n')).toContain('<--a=1><b c>');
    expect(rest.join('\n')).not.toContain('BREAKWATER_ADMIN_TOKEN');
  });

  it('does not start without a token', () => {
    const { status, output } = startScript({
      BREAKWATER_ADMIN_TOKEN: '',
      BREAKWATER_TOKEN_FILE: '/dev/null',
    });
    expect(status).not.toBe(0);
    expect(output).toContain('the token of the admin API');
  });
});

function program(path: string, body: string): string {
  writeFileSync(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return path;
}
