import { z } from "zod";
import { endpoint } from "./endpoint.ts";

export const storeBackup = endpoint({
  id: "storeBackup",
  method: "POST",
  path: "/api/v1/store/backup",
  summary: "Writes a consistent copy of the store to a file on the machine of the process.",
  access: "token",
  body: z.strictObject({ file: z.string().min(1).describe("Absolute path of a file that does not exist yet.") }),
  answer: z.object({ file: z.string(), bytes: z.int() }),
  problems: [400, 401, 403, 409],
});

export const storeCheck = endpoint({
  id: "storeCheck",
  method: "POST",
  path: "/api/v1/store/check",
  summary: "Reads the whole store and lists what is not sound.",
  access: "token",
  answer: z.object({ problems: z.array(z.string()) }),
  problems: [401, 403],
});

export const storeCompact = endpoint({
  id: "storeCompact",
  method: "POST",
  path: "/api/v1/store/compact",
  summary: "Gives free pages back to the file system.",
  access: "token",
  answer: z.object({ before_bytes: z.int(), after_bytes: z.int() }),
  problems: [401, 403],
});
