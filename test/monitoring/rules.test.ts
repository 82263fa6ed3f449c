import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { requires } from '../helpers/requires.ts';
import { promtool } from './promtool.ts';
import { repository } from './repository.ts';
import { alerts, recordings, ruleFiles, ruleTestFiles, type Story, stories } from './rule-files.ts';

// promtool computes days of rates, on cores that other tests want as well.
vi.setConfig({ testTimeout: 120_000 });

const OK = { status: 0 };

describe.skipIf(!requires('prometheus').available)('promtool', () => {
  it('finds nothing wrong with the configuration', () => {
    // The token is a file only once start.sh has run, so its place is not looked at.
    const config = `${repository}deploy/prometheus/prometheus.yml`;
    expect(promtool(['check', 'config', '--syntax-only', config])).toMatchObject(OK);
  });

  it('finds nothing wrong with the rules', () => {
    expect(promtool(['check', 'rules', '--lint=all', '--lint-fatal', ...ruleFiles])).toMatchObject(OK);
  });

  it.each(ruleTestFiles.map((file) => [file.slice(repository.length), file]))('%s holds', (_, file) => {
    expect(promtool(['test', 'rules', file])).toMatchObject(OK);
  });
});

describe('every alert', () => {
  const runbook = readFileSync(`${repository}docs/alerts.md`, 'utf8');

  /** What the story expects of this alert at each time that it looks: how many there are. */
  const counts = (story: Story, alert: string): number[] =>
    (story.alert_rule_test ?? [])
      .filter(({ alertname }) => alertname === alert)
      .map(({ exp_alerts }) => exp_alerts.length);

  it.each(alerts.map((alert) => [alert.alert]))('%s is seen to fire and to end again', (name) => {
    const told = stories.map((story) => counts(story, name));
    expect(told.some((seen) => seen.some((count) => count > 0) && seen.at(-1) === 0)).toBe(true);
  });

  it.each(alerts.map((alert) => [alert.alert]))('%s is seen not to fire next to its threshold', (name) => {
    const told = stories.map((story) => counts(story, name)).filter((seen) => seen.length > 1);
    expect(told.some((seen) => seen.every((count) => count === 0))).toBe(true);
  });

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s says how bad, what, where and with which value',
    (_, { labels, annotations }) => {
      expect(['critical', 'warning', 'info']).toContain(labels.severity);
      expect(annotations.summary).toMatch(/\$labels\.\w+/);
      expect(annotations.description).toMatch(/\$labels\.\w+/);
      expect(annotations.description).toMatch(/\$value/);
    },
  );

  it('has a paragraph in docs/alerts.md, to which its runbook_url leads, and no other has one', () => {
    const headings = [...runbook.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(headings.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook_url).toBe(`docs/alerts.md#${alert.toLowerCase()}`);
    }
  });

  it('has its severity in docs/alerts.md', () => {
    for (const { alert, labels } of alerts) {
      const [, severity] = new RegExp(`^### ${alert}\n+\\*\\*(\\w+)\\.\\*\\*`, 'm').exec(runbook) ?? [];
      expect([alert, severity]).toEqual([alert, labels.severity]);
    }
  });
});

describe('every recording rule', () => {
  it.each(recordings.map(({ record }) => [record]))('%s has a test of its value', (name) => {
    const tested = stories.flatMap((story) => story.promql_expr_test ?? []).map(({ expr }) => expr);
    expect(tested.some((expr) => expr.includes(name))).toBe(true);
  });

  it.each(recordings.map((rule) => [rule.record, rule] as const))(
    '%s looks as far back as its name says',
    (_, { record, expr }) => {
      const [, window] = /rate(\d+[mhd])$/.exec(record) ?? [];
      for (const [, range] of expr.matchAll(/\[(\w+)\]/g)) expect(range).toBe(window);
    },
  );
});
