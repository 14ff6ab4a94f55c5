/** Writes requests as given bytes over one kept connection, in pieces that fall anywhere, and reads the answers. */
import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly text: string;
}

export interface RawHttpSender {
  /** One at a time. Rejects when the connection ends without an answer. */
  send(request: Buffer): Promise<RawAnswer>;
  close(): void;
}

/** `pieceBytes`: how many leave at once. */
export async function rawHttpSender(port: number, pieceBytes: number): Promise<RawHttpSender> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  let received = Buffer.alloc(0);
  let wake: (() => void) | undefined;
  let ended = false;
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    wake?.();
  });
  socket.on("error", () => undefined); // "close" follows
  socket.on("close", () => {
    ended = true;
    wake?.();
  });

  const answer = (): RawAnswer | undefined => {
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const head = received.toString("latin1", 0, end);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (received.length < end + 4 + length) return undefined;
    const text = received.toString("utf8", end + 4, end + 4 + length);
    received = received.subarray(end + 4 + length);
    return { status: Number(head.split(" ")[1]), head, text };
  };

  return {
    async send(request) {
      for (let at = 0; at < request.length; at += pieceBytes) {
        socket.write(request.subarray(at, at + pieceBytes));
        // Each piece is a write of its own to the kernel.
        if (at % (pieceBytes * 64) === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      for (;;) {
        const found = answer();
        if (found) return found;
        if (ended) throw new Error("the connection ended without an answer");
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    close: () => socket.destroy(),
  };
}
