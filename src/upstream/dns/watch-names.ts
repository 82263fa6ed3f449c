import { isIP } from 'node:net';
import type { DnsConfig, TargetConfig } from '../../config/gateway-config.ts';
import type { Timer } from '../../resilience/index.ts';
import { AddressLookup } from './address-lookup.ts';
import { NameRefresh } from './name-refresh.ts';

export interface NameWatchOptions {
  readonly config: DnsConfig;
  readonly timer: Timer;
  /** 0 to less than 1. */
  readonly random: () => number;
  /** @param place index of the configured target */
  readonly onAnswer: (place: number, targets: readonly TargetConfig[]) => void;
  readonly onFailure: (place: number, reason: string) => void;
}

/** @returns ends it */
export type StopWatching = () => void;

/** Begins to ask DNS for every target that has a name which is DNS's to know. */
export function watchNames(targets: readonly TargetConfig[], options: NameWatchOptions): StopWatching {
  const { config, timer, random, onAnswer, onFailure } = options;
  const stops = targets.map((target, place) => {
    if (!isForDns(target.hostname)) return () => {};
    // One resolver for each: cancelling one ends all queries of its resolver.
    const lookup = new AddressLookup(config, timer);
    const refresh = new NameRefresh({
      lookup: () => lookup.lookup(target),
      refreshMs: config.refreshMs,
      timer,
      random,
      onAnswer: (found) => onAnswer(place, found),
      onFailure: (reason) => onFailure(place, reason),
    });
    refresh.start();
    return () => {
      refresh.stop();
      lookup.cancel();
    };
  });
  return () => {
    for (const stop of stops) stop();
  };
}

/** RFC 6761 §6.3: localhost is this machine, and nobody is to be asked where that is. */
function isForDns(hostname: string): boolean {
  return isIP(hostname) === 0 && !/(^|\.)localhost\.?$/i.test(hostname);
}
