import type { DatabaseSync } from "node:sqlite";
import { RemoteError, type Channel } from "../../src/storage/channel.ts";
import type { StoreOptions } from "../../src/component/store.ts";
import { createReader, type Reader } from "../../src/storage/reader.ts";
import { openDatabase, openReadOnly } from "../../src/storage/schema.ts";
import type { StoreThreads } from "../../src/storage/sqlite-store.ts";
import { createWriter, type Writer } from "../../src/storage/writer.ts";

/** The two sides of the SQLite store without threads: much quicker to open. `change` may replace writer functions. */
export function localThreads(
  options: StoreOptions,
  change: (writer: Writer, db: DatabaseSync) => Partial<Writer> = () => ({}),
): () => Promise<StoreThreads> {
  return async () => {
    const db = openDatabase(options.path);
    const writer = createWriter(db, options, () => 0);
    const read = (): Channel<Reader> => {
      const reader = createReader(openReadOnly(options.path), () => 0);
      return localChannel(reader, reader.close);
    };
    return { writer: localChannel({ ...writer, ...change(writer, db) }), reader: read(), long: read };
  };
}

/** As a thread would: arguments and answers are copies, in a later turn, errors come as RemoteError. */
function localChannel<Api extends object>(api: Api, end = (): void => undefined): Channel<Api> {
  let last: Promise<unknown> = Promise.resolve();
  const channel: Channel<Api> = {
    call: (method, ...args) => channel.callWith([], method, ...args),
    callWith(transfer, method, ...args) {
      const copies = structuredClone(args, { transfer: [...transfer] });
      const run = async (): Promise<unknown> => {
        try {
          // The interface says that it is a function of these arguments.
          return structuredClone(await (api[method] as (...given: unknown[]) => unknown)(...copies));
        } catch (error) {
          const { message, errcode, stack } = error as Error & { errcode?: number };
          throw new RemoteError(message, errcode, stack);
        }
      };
      const answer = last.then(run);
      last = answer.catch(() => undefined);
      // The same.
      return answer as ReturnType<Channel<Api>["call"]> as never;
    },
    end: async () => end(),
  };
  return channel;
}
