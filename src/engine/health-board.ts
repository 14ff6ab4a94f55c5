import type { Clock } from "../component/clock.ts";
import type { HealthBoard, HealthReason } from "../component/health.ts";

/** What is wrong right now, oldest first. Raising a reason again keeps the time since when it is so. */
export function createHealthBoard(clock: Pick<Clock, "nowMs">): HealthBoard {
  const raised = new Map<string, Map<string, HealthReason>>();
  return {
    raise(subject, code, message, level = "degraded") {
      const ofSubject = raised.get(subject) ?? new Map<string, HealthReason>();
      raised.set(subject, ofSubject);
      const sinceMs = ofSubject.get(code)?.sinceMs ?? clock.nowMs();
      ofSubject.set(code, { subject, code, message, level, sinceMs });
    },
    clear(subject, code) {
      if (code === undefined) raised.delete(subject);
      else raised.get(subject)?.delete(code);
      if (raised.get(subject)?.size === 0) raised.delete(subject);
    },
    reasons: () => [...raised.values()].flatMap((codes) => [...codes.values()]).sort((a, b) => a.sinceMs - b.sinceMs),
  };
}
