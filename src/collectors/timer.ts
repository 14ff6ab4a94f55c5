/**
 * An event at every instant of a cron schedule. An instant's event has its time as id, so a restart within the instant
 * does not give it twice; instants that pass while the process is down, or while a commit is waited for, are left out.
 */
import { Cron } from "croner";
import { z } from "zod";
import { defineCollector } from "../component/define-collector.ts";
import { timeZone } from "../core/template/time-zone.ts";
import { emitUntilCommitted } from "./support/emit-until-committed.ts";

const ZONES = "an IANA name, such as Europe/Rome";

export const timer = defineCollector({
  type: "timer",
  summary: "Makes an event at each instant of a cron schedule.",
  options: z.strictObject({
    schedule: z
      .string()
      .refine((schedule) => whyBad(schedule) === null, { error: (issue) => whyBad(String(issue.input)) ?? "" })
      .describe("Five fields (minute, hour, day of the month, month, weekday), or six with seconds in front."),
    timezone: z
      .string()
      .default("UTC")
      .refine((name) => timeZone(name) !== undefined, { error: `no time zone; accepted: ${ZONES}` })
      .describe(`Time zone of the schedule: ${ZONES}.`),
    payload: z.looseObject({}).default({}).describe("Keys of the event's payload, beside `scheduled`."),
  }),
  guarantees:
    "An instant's event is tried until it is committed; instants while the process is down, or while a commit is waited for, are left out.",
  examples: [
    {
      title: "Every morning of a working day",
      file: {
        id: "office_opens",
        type: "timer",
        schedule: "0 8 * * mon-fri",
        timezone: "Europe/Rome",
        payload: { site: "HQ" },
      },
    },
  ],
  create({ schedule, timezone, payload }, deps) {
    const { id, clock, logger } = deps;
    const cron = cronOf(schedule, timezone);
    const stopping = new AbortController();
    let cancel: () => void = () => undefined;
    let busy: Promise<void> = Promise.resolve();

    function arm(): void {
      const next = stopping.signal.aborted ? null : cron.nextRun(new Date(clock.nowMs()));
      if (!next) return;
      cancel = clock.after(next.getTime() - clock.nowMs(), () => void (busy = fire(next.getTime()).finally(arm)));
    }

    async function fire(scheduledMs: number): Promise<void> {
      const document = { ...payload, scheduled: new Date(scheduledMs).toISOString() };
      const context = { collector: id, receivedMs: scheduledMs, positionId: String(scheduledMs) };
      const taken = deps.intake(document, context);
      if (!taken.ok) {
        deps.countRejected("unreadable");
        logger.error({ reason: taken.error, scheduled: document.scheduled }, "the event of a timer cannot be made");
        return;
      }
      const receivedMs = clock.nowMs();
      const emission = { arrivals: taken.value, rejected: [], source: id, receivedMs, traceparent: null };
      await emitUntilCommitted(emission, deps, stopping.signal);
    }

    return {
      async start() {
        arm();
      },
      async stop() {
        stopping.abort();
        cancel();
        await busy;
      },
    };
  },
});

const cronOf = (schedule: string, timezone: string): Cron => new Cron(schedule, { timezone, mode: "5-or-6-parts" });

/** Null: it is a schedule, and there is an instant to come. */
function whyBad(schedule: string): string | null {
  try {
    // From a fixed date on, so that a configuration does not become wrong with time; leap days come within eight years.
    const next = cronOf(schedule, "UTC").nextRun(new Date(Date.UTC(2024, 0, 1)));
    return next ? null : `${JSON.stringify(schedule)} never comes`;
  } catch (error) {
    const { message } = error as Error;
    return `${JSON.stringify(schedule)} is no cron schedule: ${message.replace(/^Cron\w+: /, "")}`;
  }
}
