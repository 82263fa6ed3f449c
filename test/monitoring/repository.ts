import { fileURLToPath } from 'node:url';

/** The root of the repository, with a slash at the end. */
export const repository = fileURLToPath(new URL('../../', import.meta.url));

export const RULES = `${repository}deploy/prometheus/rules`;
export const RULE_TESTS = `${repository}deploy/prometheus/tests`;
export const DASHBOARDS = `${repository}deploy/grafana/dashboards`;
