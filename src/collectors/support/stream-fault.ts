import type { RejectReason } from "../../component/define-collector.ts";

/** Why a connection is closed: for the log, and for the counter. */
export class StreamFault extends Error {
  readonly reason: RejectReason;
  constructor(reason: RejectReason, message: string) {
    super(message);
    this.name = "StreamFault";
    this.reason = reason;
  }
}
