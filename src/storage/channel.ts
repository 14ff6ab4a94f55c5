/**
 * Calls into a worker thread: `{id, method, args}` there, `{id, result}` or `{id, error}` back, in order. Both sides share
 * one interface of plain functions, so the thread is invisible to who calls; tests call the functions without a thread.
 */
import { Worker, type MessagePort } from "node:worker_threads";

/** The functions behind a channel; each may answer at once or later. */
export interface Channel<Api> {
  call<K extends Methods<Api>>(method: K, ...args: Arguments<Api, K>): Promise<Answer<Api, K>>;
  /** The same; `transfer` is handed over without a copy, and gone here. */
  callWith<K extends Methods<Api>>(
    transfer: readonly ArrayBuffer[],
    method: K,
    ...args: Arguments<Api, K>
  ): Promise<Answer<Api, K>>;
  /** Ends the thread; calls still open are rejected. */
  end(): Promise<void>;
}

type Methods<Api> = keyof Api & string;
type Arguments<Api, K extends keyof Api> = Api[K] extends (...args: infer A) => unknown ? A : never;
type Answer<Api, K extends keyof Api> = Api[K] extends (...args: never[]) => infer R ? Awaited<R> : never;

/** An error of the other side; `errcode` is SQLite's. */
export class RemoteError extends Error {
  readonly errcode: number | undefined;
  constructor(message: string, errcode: number | undefined, stack: string | undefined) {
    super(message);
    this.name = "RemoteError";
    this.errcode = errcode;
    if (stack !== undefined) this.stack = stack;
  }
}

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}
interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly errcode?: number; readonly stack?: string };
}

/** Starts a thread. `onDeath` is told when it ends without having been asked to. */
export function openChannel<Api>(url: URL, data: unknown, onDeath: (error: Error) => void): Channel<Api> {
  const worker = new Worker(url, { workerData: data });
  const open = new Map<number, PromiseWithResolvers<unknown>>();
  let nextId = 1;
  let ending = false;
  let dead: Error | null = null;
  const die = (error: Error): void => {
    if (dead) return;
    dead = error;
    for (const { reject } of open.values()) reject(error);
    open.clear();
    if (!ending) onDeath(error);
  };
  worker.on("message", ({ id, result, error }: Reply) => {
    const call = open.get(id);
    open.delete(id);
    if (error) call?.reject(new RemoteError(error.message, error.errcode, error.stack));
    else call?.resolve(result);
  });
  worker.on("error", (error) => die(error instanceof Error ? error : new Error(String(error))));
  worker.on("exit", (code) => die(new Error(`the store's thread ended with code ${code}`)));
  const channel: Channel<Api> = {
    call: (method, ...args) => channel.callWith([], method, ...args),
    callWith(transfer, method, ...args) {
      if (dead) return Promise.reject(dead);
      const id = nextId++;
      const call = Promise.withResolvers<unknown>();
      open.set(id, call);
      worker.postMessage({ id, method, args } satisfies Call, transfer);
      // The other side answers with what the interface says.
      return call.promise as Promise<Answer<Api, typeof method>>;
    },
    async end() {
      ending = true;
      await worker.terminate();
    },
  };
  return channel;
}

/** Opens at the first call. */
export function lazyChannel<Api>(open: () => Channel<Api>): Channel<Api> {
  let opened: Channel<Api> | null = null;
  const channel = (): Channel<Api> => (opened ??= open());
  return {
    call: (method, ...args) => channel().call(method, ...args),
    callWith: (transfer, method, ...args) => channel().callWith(transfer, method, ...args),
    end: async () => opened?.end(),
  };
}

/** The other side: answers calls with the functions of `api`. */
export function serve(port: MessagePort, api: object): void {
  // An api is an object of functions; what they take and give the two sides know.
  const functions = new Map(Object.entries(api) as [string, (...args: readonly unknown[]) => unknown][]);
  const reply = (message: Reply): void => port.postMessage(message);
  const fail = (id: number, thrown: unknown): void => {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const errcode = "errcode" in error && typeof error.errcode === "number" ? { errcode: error.errcode } : {};
    reply({ id, error: { message: error.message, ...errcode, ...(error.stack ? { stack: error.stack } : {}) } });
  };
  port.on("message", ({ id, method, args }: Call) => {
    try {
      const run = functions.get(method);
      if (!run) throw new Error(`no function ${method} in this thread`);
      const result = run(...args);
      if (result instanceof Promise)
        result.then(
          (value) => reply({ id, result: value }),
          (error: unknown) => fail(id, error),
        );
      else reply({ id, result });
    } catch (error) {
      fail(id, error);
    }
  });
}
