import { fork, type Serializable } from "node:child_process";
import { Pool } from "undici";
import { configFolder } from "../kit/squall-process.ts";
import { sampleConfig, type SampleOptions } from "./sample-config.ts";

/** The server child and a client with 64 connections to each of its two listeners. */
export interface BenchServer {
  /** CPU milliseconds of the child while `path` of a listener answers every body, 64 at once; all must be 200. */
  cpuMs(listener: "squall" | "bare", bodies: readonly string[], answer: string): Promise<number>;
  /** CPU milliseconds of the child for JSON.parse of these texts. */
  parseCpuMs(texts: readonly string[]): Promise<number>;
  post(listener: "squall" | "bare", body: string, answer: string): Promise<void>;
  stop(): Promise<void>;
}

const CONNECTIONS = 64;

export async function benchServer(options: SampleOptions): Promise<BenchServer> {
  const folder = configFolder(sampleConfig(options));
  const child = fork("test/bench/server-child.ts", [folder.dir], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const reply = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`the server child ended with ${code}`));
      child.once("exit", ended);
      child.once("message", (message) => {
        child.off("exit", ended);
        resolve(message as T);
      });
    });
  const ask = <T>(question: Serializable): Promise<T> => {
    const answer = reply<T>();
    child.send(question);
    return answer;
  };
  const urls = await reply<{ squall: string; bare: string }>();
  const pools = { squall: new Pool(urls.squall, { connections: CONNECTIONS }), bare: new Pool(urls.bare, { connections: CONNECTIONS }) };
  const post = async (listener: "squall" | "bare", body: string, expected: string): Promise<void> => {
    const answer = await pools[listener].request({ method: "POST", path: "/event/in?token=t", headers: { "content-type": "application/json" }, body });
    const text = await answer.body.text();
    if (answer.statusCode !== 200 || text !== expected) throw new Error(`${listener} answered ${answer.statusCode} ${text.slice(0, 300)}`);
  };
  const cpu = async (): Promise<number> => (await ask<{ cpuMs: number }>("cpu")).cpuMs;
  return {
    post,
    parseCpuMs: async (parse) => (await ask<{ cpuMs: number }>({ parse: [...parse] })).cpuMs,
    async cpuMs(listener, bodies, expected) {
      const before = await cpu();
      let next = 0;
      const sender = async (): Promise<void> => {
        while (next < bodies.length) await post(listener, bodies[next++]!, expected);
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, sender));
      return (await cpu()) - before;
    },
    async stop() {
      await Promise.all([pools.squall.destroy(), pools.bare.destroy()]);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.send("stop");
      await ended;
      folder.remove();
    },
  };
}
