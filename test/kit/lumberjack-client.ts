/** A sender of Lumberjack written from the frame table: frames as bytes, and a connection that counts acknowledgements. */
import { connect, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { deflateSync } from "node:zlib";

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const letter = (text: string): Buffer => Buffer.from(text, "latin1");

export const windowFrame = (count: number, version = "2"): Buffer => Buffer.concat([letter(`${version}W`), u32(count)]);

export function jsonFrame(sequence: number, document: unknown): Buffer {
  const json = Buffer.isBuffer(document) ? document : Buffer.from(JSON.stringify(document));
  return Buffer.concat([letter("2J"), u32(sequence), u32(json.length), json]);
}

export function compressedFrame(...frames: readonly Uint8Array[]): Buffer {
  const zlib = deflateSync(Buffer.concat(frames));
  return Buffer.concat([letter("2C"), u32(zlib.length), zlib]);
}

/** Version 1: pairs of texts. */
export function dataFrame(sequence: number, pairs: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(pairs);
  const texts = entries.flat().map((text) => Buffer.concat([u32(Buffer.byteLength(text)), Buffer.from(text)]));
  return Buffer.concat([letter("1D"), u32(sequence), u32(entries.length), ...texts]);
}

export interface WindowOptions {
  readonly compress?: boolean;
}

/** A whole window as a Beat sends it: W, then the events, in one compressed frame or bare. */
export function windowOf(documents: readonly unknown[], { compress = true }: WindowOptions = {}): Buffer {
  const frames = documents.map((document, index) => jsonFrame(index + 1, document));
  return Buffer.concat([windowFrame(documents.length), ...(compress ? [compressedFrame(...frames)] : frames)]);
}

export interface LumberjackClient {
  /** Sequences acknowledged so far, keep-alives (0) included. */
  readonly acks: readonly number[];
  /** First bytes of the answers, to see their form. */
  readonly received: Buffer;
  readonly ended: boolean;
  write(bytes: Uint8Array): void;
  /** Sends nothing more but still listens. */
  end(): void;
  /** Resolves when so many acknowledgements of events came, rejects when the connection ends before. */
  acked(count: number): Promise<void>;
  /** Resolves when the connection is over. */
  readonly closed: Promise<void>;
  /** Gone without a farewell. */
  vanish(): void;
  readonly socket: Socket;
}

export function lumberjackClient(port: number, tls?: ConnectionOptions): LumberjackClient {
  const socket = tls ? connectTls({ host: "127.0.0.1", port, ...tls }) : connect({ host: "127.0.0.1", port });
  const acks: number[] = [];
  let received = Buffer.alloc(0);
  let parsed = 0;
  let ended = false;
  let waiting: { count: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  const settle = (): void => {
    const count = acks.filter((sequence) => sequence > 0).length;
    waiting = waiting.filter((each) => {
      if (each.count <= count) each.resolve();
      else if (ended) each.reject(new Error("the connection ended"));
      return each.count > count && !ended;
    });
  };
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (; received.length - parsed >= 6; parsed += 6) acks.push(received.readUInt32BE(parsed + 2));
    settle();
  });
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.on("close", () => {
      ended = true;
      settle();
      resolve();
    });
  });
  return {
    acks,
    closed,
    socket,
    get received() {
      return received;
    },
    get ended() {
      return ended;
    },
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    vanish: () => void (tls ? socket.destroy() : socket.resetAndDestroy()),
    acked: (count) =>
      new Promise((resolve, reject) => {
        waiting.push({ count, resolve, reject });
        settle();
      }),
  };
}
