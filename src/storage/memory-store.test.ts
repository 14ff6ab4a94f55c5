import { describeStore } from "../../test/kit/describe-store.ts";
import { storeOptions } from "../../test/kit/store-fixtures.ts";
import { createMemoryStore, memoryContents } from "./memory-store.ts";

describeStore("memory store", async (limits, deps) => {
  const options = storeOptions("none", limits);
  const contents = memoryContents();
  const open = () => createMemoryStore(options, deps, contents);
  return { store: open(), reopen: async () => open(), dispose: async () => undefined };
});
