import type { AddCommand } from "./command.ts";
import { addCheck } from "./check.ts";
import { addDeliveries } from "./deliveries.ts";
import { addDocs } from "./docs.ts";
import { addExplain } from "./explain.ts";
import { addImport } from "./import.ts";
import { addNew } from "./new.ts";
import { addReplay } from "./replay.ts";
import { addSend } from "./send.ts";
import { addServe } from "./serve.ts";
import { addStore } from "./store.ts";
import { addTest } from "./test-rules.ts";

/** In the order of `--help`. */
export const commands: readonly AddCommand[] = [
  addServe,
  addCheck,
  addTest,
  addExplain,
  addReplay,
  addSend,
  addDeliveries,
  addStore,
  addImport,
  addNew,
  addDocs,
];
