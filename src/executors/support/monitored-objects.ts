/**
 * Hosts and services created through the Director, live, because Icinga 2 did not know them.
 *
 * Many services of one new host miss it at the same time: its creation is asked for once, and a host that was created
 * (or found) is not asked for again for a minute. The Director being away says nothing of Icinga 2, where results of
 * other objects still arrive: so that is never `unavailable`, and its give-up clock keeps it from opening the breaker.
 */
import type { Clock } from "../../component/clock.ts";
import type { ExecutorItem } from "../../component/define-executor.ts";
import type { Logger } from "../../component/logger.ts";
import { delivered, reject, retry, type Outcome } from "../../core/delivery/outcome.ts";
import type { JsonObject } from "../../core/json.ts";
import { directorOutcome } from "./director-outcome.ts";
import type { IcingaApi } from "./icinga-api.ts";
import type { Redact } from "./redact.ts";
import { createSingleFlight } from "./single-flight.ts";

export interface MonitoredObject {
  readonly hostName: string;
  /** Null: the host itself is addressed. */
  readonly serviceName: string | null;
  /** As the Director takes them. */
  readonly host: JsonObject;
  readonly service: JsonObject | null;
}

export interface MonitoredObjects {
  /** Delivered: they are there now. */
  create(object: MonitoredObject, item: ExecutorItem, signal: AbortSignal): Promise<Outcome>;
}

export interface MonitoredObjectsDeps {
  readonly director: IcingaApi;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly redact: Redact;
}

const KNOWN_FOR_MS = 60_000;
const MAX_KNOWN = 10_000;
/** The delivery's `max_age` is the only end of it. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

export function createMonitoredObjects(deps: MonitoredObjectsDeps): MonitoredObjects {
  const { director, clock, logger, redact } = deps;
  const flights = createSingleFlight<Outcome>();
  /** Host → until when its being there is taken for granted; the oldest first. */
  const known = new Map<string, number>();

  const post = async (
    kind: "host" | "service",
    name: string,
    body: JsonObject,
    item: ExecutorItem,
    signal: AbortSignal,
  ): Promise<Outcome> => {
    const answer = await director.post(`/${kind}?live-creation=true`, body, item, signal);
    const outcome = answer.ok ? directorOutcome(answer.value, { clock, redact }) : answer.error;
    if (outcome.kind === "delivered" || outcome.kind === "superseded") return delivered();
    const reason = redact(`the ${kind} ${JSON.stringify(name)} is missing and was not created: ${outcome.reason}`);
    if (!signal.aborted) logger.warn({ [kind]: name, reason: outcome.reason }, "an object was not created");
    if (outcome.kind === "reject") return reject(reason, outcome.response);
    return retry(reason, {
      ...(outcome.retryAfterMs === undefined ? {} : { retryAfterMs: outcome.retryAfterMs }),
      ...(outcome.kind === "retry" && outcome.response !== undefined ? { response: outcome.response } : {}),
      giveUp: { code: "director_failed", forMs: NEVER_MS },
    });
  };

  const isKnown = (host: string): boolean => (known.get(host) ?? 0) > clock.monotonicMs();
  const remember = (host: string): void => {
    known.delete(host);
    known.set(host, clock.monotonicMs() + KNOWN_FOR_MS);
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  };

  return {
    async create({ hostName, serviceName, host, service }, item, signal) {
      // A host that is addressed itself and still missing may have been removed since: it is asked for in any case.
      const taken = service !== null && isKnown(hostName);
      if (!taken) {
        const left = (): Outcome => retry(`the creation of the host ${JSON.stringify(hostName)} was broken off`);
        const outcome = await flights.run(
          hostName,
          async (shared) => {
            const created = await post("host", hostName, host, item, shared);
            if (created.kind === "delivered") remember(hostName);
            return created;
          },
          signal,
          left,
        );
        if (outcome.kind !== "delivered") return outcome;
      }
      if (service === null || serviceName === null) return delivered();
      const outcome = await post("service", `${hostName}!${serviceName}`, service, item, signal);
      if (outcome.kind !== "reject" || !taken) return outcome;
      // Perhaps the host is not there any more: the next attempt makes sure.
      known.delete(hostName);
      return retry(outcome.reason, outcome.response === undefined ? {} : { response: outcome.response });
    },
  };
}
