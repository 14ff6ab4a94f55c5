import { benchServer } from "../server.ts";
import type { Figure, Gate } from "../gate.ts";

const POSTS = 30_000;
const SETTLE_MS = 60_000;

/** Resident memory of the whole process, 60 s after the start and 60 s after 30,000 POSTs (quick: at once). */
export const memory: Gate = {
  name: "memory",
  async run({ quick, data }) {
    const server = await benchServer({ rules: 100, sink: null });
    const rest = (): Promise<unknown> => (quick ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, SETTLE_MS)));
    const when = quick ? "at once" : "60 s";
    try {
      const figures: Figure[] = [];
      await rest();
      figures.push({ gate: `memory, ${when} after start`, floor: "–", value: await server.rssMb(), unit: "MB", atMost: 160, detail: "RSS with 100 rules, bare fastify beside it" });
      const bodies = Array.from({ length: POSTS }, (_, i) => data.lines[i % data.lines.length]!);
      await server.cpuMs("squall", bodies, '{"accepted":1,"rejected":[]}');
      await rest();
      figures.push({ gate: `memory, ${when} after ${POSTS} POSTs`, floor: "–", value: await server.rssMb(), unit: "MB", atMost: 240, detail: "RSS" });
      return figures;
    } finally {
      await server.stop();
    }
  },
};
