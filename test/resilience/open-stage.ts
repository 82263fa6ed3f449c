import { ComposeStage } from './compose-stage.ts';
import { composeCommand, hasDocker } from './docker.ts';
import { LocalStage } from './local-stage.ts';
import type { Stage } from './stage.ts';

/** Where the drill takes place: DRILL_MODE, or containers if this machine can run them. */
export type DrillMode = 'compose' | 'local';

/** @throws Error when DRILL_MODE, or CI_REQUIRE, asks for containers and there is no engine or no Compose */
export function drillMode(): DrillMode {
  const asked = process.env.DRILL_MODE || 'auto';
  if (asked === 'local') return 'local';
  if (asked !== 'auto' && asked !== 'compose') {
    throw new Error(`DRILL_MODE is "${asked}"; it may be "compose", "local" or "auto"`);
  }
  if (hasDocker() && composeCommand() !== null) return 'compose';
  if (asked === 'compose' || process.env.CI_REQUIRE?.split(',').includes('docker')) {
    throw new Error('The drill is to run in containers, but there is no Docker engine with Compose here');
  }
  return 'local';
}

export async function openStage(mode: DrillMode): Promise<Stage> {
  return mode === 'compose' ? ComposeStage.open(composeCommand() ?? []) : LocalStage.open();
}
