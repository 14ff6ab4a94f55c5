import { createServer } from "node:http";
import { benchServer } from "../server.ts";
import { percentile, type Gate } from "../gate.ts";

/** Idle: one event at a time, from the start of its POST to the request at the target. */
export const latency: Gate = {
  name: "latency",
  async run({ quick }) {
    let arrived: (at: number) => void = () => undefined;
    const sink = createServer((request, response) => {
      arrived(performance.now());
      request.resume().on("end", () => response.end());
    });
    await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
    const { port } = sink.address() as { port: number };
    const server = await benchServer({ rules: 100, sink: `http://127.0.0.1:${port}` });
    const times: number[] = [];
    try {
      for (let i = 0; i < (quick ? 200 : 1000); i++) {
        const at = new Promise<number>((resolve) => (arrived = resolve));
        const begin = performance.now();
        await server.post("squall", `{"fire":true,"EventID":${i}}`, '{"accepted":1,"rejected":[]}');
        times.push((await at) - begin);
      }
    } finally {
      await server.stop();
      sink.close();
      sink.closeAllConnections();
    }
    const warm = times.slice(50);
    const detail = `${warm.length} events one by one`;
    return [
      { gate: "latency, POST to the target's request, p50", floor: "–", value: percentile(warm, 0.5), unit: "ms", atMost: 5, detail },
      { gate: "latency, POST to the target's request, p99", floor: "–", value: percentile(warm, 0.99), unit: "ms", atMost: 25, detail },
    ];
  },
};
