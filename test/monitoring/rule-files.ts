import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { RULE_TESTS, RULES } from './repository.ts';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface Recording {
  readonly record: string;
  readonly expr: string;
}

/** One entry of `tests`: a story told by its input. */
export interface Story {
  readonly name: string;
  readonly alert_rule_test?: readonly {
    readonly alertname: string;
    readonly eval_time: string;
    readonly exp_alerts: readonly unknown[];
  }[];
  readonly promql_expr_test?: readonly { readonly expr: string }[];
}

/** Absolute paths. */
export const ruleFiles = filesIn(RULES);
export const ruleTestFiles = filesIn(RULE_TESTS);

const rules = ruleFiles.flatMap((file) => {
  const { groups } = read(file) as { groups: { rules: (Alert | Recording)[] }[] };
  return groups.flatMap((group) => group.rules);
});

export const alerts = rules.filter((rule) => 'alert' in rule);
export const recordings = rules.filter((rule) => 'record' in rule);
export const stories = ruleTestFiles.flatMap((file) => (read(file) as { tests: Story[] }).tests);

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

function read(file: string): unknown {
  return parse(readFileSync(file, 'utf8'));
}
