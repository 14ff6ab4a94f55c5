/**
 * Why connections are closed: counted each time, but a warning only now and then, so that whoever knocks at the port
 * for ever does not fill the log.
 */
import type { CollectorDeps, RejectReason } from "../../component/define-collector.ts";
import type { StreamFault } from "./stream-fault.ts";

export type ReportFault = (fault: StreamFault, remoteAddress: string) => void;

const QUIET_MS = 10_000;

export function faultReporter({
  clock,
  logger,
  countRejected,
}: Pick<CollectorDeps, "clock" | "logger" | "countRejected">): ReportFault {
  const warnedMs = new Map<RejectReason, number>();
  return (fault, remoteAddress) => {
    countRejected(fault.reason);
    const fields = { reason: fault.reason, remote_address: remoteAddress };
    const message = `a connection was closed: ${fault.message}`;
    const nowMs = clock.monotonicMs();
    if (nowMs - (warnedMs.get(fault.reason) ?? -Infinity) < QUIET_MS) return logger.debug(fields, message);
    warnedMs.set(fault.reason, nowMs);
    logger.warn(fields, message);
  };
}
