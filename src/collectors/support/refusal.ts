import type { RejectReason } from "../../component/define-collector.ts";
import type { ErrorCode } from "../../component/app-error.ts";

/** Why an input is not taken: for the sender, and for the counter. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly reason: RejectReason;
  readonly detail: string;
}

export const refusal = (code: ErrorCode, reason: RejectReason, detail: string): Refusal => ({ code, reason, detail });

export const tooLarge = (maxBytes: number): Refusal =>
  refusal("too_large", "too_large", `the body is over ${maxBytes} bytes`);

export const overloaded = (): Refusal =>
  refusal("overloaded", "overloaded", "too many bytes are in flight in this collector");
