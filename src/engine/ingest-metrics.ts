/** What is measured of events. Names are part of the interface to whoever scrapes them. */
import type { Metrics } from "../component/metrics.ts";
import type { NewDeadLetter } from "../component/store.ts";
import type { RuleMatch } from "../core/match/matcher.ts";
import { deadLetterCounter } from "./dead-letter-counter.ts";

export interface IngestMetrics {
  received(collector: string, count: number): void;
  duplicate(collector: string, count: number): void;
  matched(matches: readonly RuleMatch[]): void;
  /** Actions that could not become deliveries. */
  dead(letters: readonly NewDeadLetter[]): void;
  /** Events that caused nothing. */
  withoutEffect(collector: string, count: number): void;
  matchSeconds(seconds: number): void;
  commitSeconds(seconds: number): void;
  /** Events that met a bug. */
  bug(collector: string): void;
  collisions(count: number): void;
  refused(collector: string, code: string): void;
}

export function createIngestMetrics(metrics: Metrics): IngestMetrics {
  const received = metrics.counter("squall_events_received_total", "Events that arrived.", ["collector"]);
  const duplicates = metrics.counter("squall_events_duplicate_total", "Events whose identity was known.", [
    "collector",
  ]);
  const idle = metrics.counter("squall_events_without_effect_total", "Events that caused nothing.", ["collector"]);
  const matches = metrics.counter("squall_rule_matches_total", "Events that a rule matched or partially matched.", [
    "rule",
    "status",
  ]);
  const match = metrics.histogram(
    "squall_match_seconds",
    "Time to match the events of one request or record batch.",
    [],
    [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
  );
  const commit = metrics.histogram("squall_commit_seconds", "Time until the store had committed a request.");
  const bugs = metrics.counter("squall_internal_errors_total", "Events that met a bug and became dead letters.", [
    "collector",
  ]);
  const dead = deadLetterCounter(metrics);
  const collisions = metrics.counter(
    "squall_delivery_key_collisions_total",
    "Delivery keys that came with a second payload: bugs.",
  );
  const refused = metrics.counter(
    "squall_commits_refused_total",
    "Requests that could not be committed, by error code.",
    ["collector", "code"],
  );
  return {
    received: (collector, count) => received.inc({ collector }, count),
    duplicate: (collector, count) => duplicates.inc({ collector }, count),
    matched(all) {
      for (const { path, status } of all) matches.inc({ rule: path, status });
    },
    dead(letters) {
      for (const { executor, code } of letters) dead.inc({ executor: executor ?? "", code });
    },
    withoutEffect: (collector, count) => idle.inc({ collector }, count),
    matchSeconds: (seconds) => match.observe({}, seconds),
    commitSeconds: (seconds) => commit.observe({}, seconds),
    bug: (collector) => bugs.inc({ collector }),
    collisions: (count) => collisions.inc({}, count),
    refused: (collector, code) => refused.inc({ collector, code }),
  };
}
