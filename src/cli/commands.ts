import { typeList } from "../component/type-list.ts";
import type { AddCommand } from "./command.ts";

/** By name, in the order of `--help`. */
export const commands = typeList<AddCommand>({
  serve: async () => (await import("./serve.ts")).addServe,
  check: async () => (await import("./check.ts")).addCheck,
  test: async () => (await import("./test-rules.ts")).addTest,
  explain: async () => (await import("./explain.ts")).addExplain,
  replay: async () => (await import("./replay.ts")).addReplay,
  send: async () => (await import("./send.ts")).addSend,
  deliveries: async () => (await import("./deliveries.ts")).addDeliveries,
  store: async () => (await import("./store.ts")).addStore,
  import: async () => (await import("./import.ts")).addImport,
  new: async () => (await import("./new.ts")).addNew,
  docs: async () => (await import("./docs.ts")).addDocs,
});
