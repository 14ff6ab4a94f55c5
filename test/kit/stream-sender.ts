/** A sender of a protocol without answers: a connection, or datagrams, and bytes. */
import { createSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import type { Sending } from "./describe-collector.ts";

export interface StreamSender extends Sending {
  readonly socket: Socket;
  write(bytes: string | Uint8Array): void;
  end(): void;
  readonly closed: Promise<void>;
}

export function streamSender(port: number, bytes: string | Uint8Array = ""): StreamSender {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  socket.resume();
  const closed = new Promise<void>((resolve) => void socket.on("close", () => resolve()));
  if (bytes.length > 0) socket.write(bytes);
  return {
    socket,
    closed,
    answer: closed.then(() => "lost"),
    write: (more) => void socket.write(more),
    end: () => void socket.end(),
    vanish: () => void socket.resetAndDestroy(),
  };
}

/** Neither reads nor ends, whatever the other side does. */
export function stubbornSender(port: number, bytes: string | Uint8Array): Socket {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  socket.on("error", () => undefined);
  socket.write(bytes);
  return socket;
}

export interface DatagramSender {
  send(bytes: string | Uint8Array): Promise<void>;
  close(): void;
}

export function datagramSender(port: number): DatagramSender {
  const socket = createSocket("udp4");
  return {
    send: (bytes) =>
      new Promise((resolve, reject) =>
        socket.send(bytes, port, "127.0.0.1", (error) => (error ? reject(error) : resolve())),
      ),
    close: () => socket.close(),
  };
}
