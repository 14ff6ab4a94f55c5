import type { JsonObject } from "../core/json.ts";

/** What a message says besides its priority; the keys are those of the payload. */
export interface SyslogMessage {
  readonly version?: number;
  /** As it was written. */
  readonly timestamp?: string;
  readonly sequence?: number;
  readonly hostname?: string;
  readonly app_name?: string;
  readonly process_id?: string;
  readonly message_id?: string;
  readonly structured_data?: JsonObject;
  readonly message: string;
  readonly createdMs?: number;
}
