import { sinkServer } from "../../kit/sink-server.ts";
import { until } from "../../kit/squall-process.ts";
import { benchServer } from "../server.ts";
import { interleaved, WARM_UP, type Figure, type Gate } from "../gate.ts";

const ONE = '{"accepted":1,"rejected":[]}';
const RULES = 100;
const BATCH = 125;

/** CPU of the server per request and per document: the whole app against bare fastify in the same process. */
export const webhook: Gate = {
  name: "webhook",
  async run({ quick, data }) {
    const rounds = quick ? 3 : 5;
    const bodies = data.lines.slice(0, quick ? 3000 : 4000);
    const figures: Figure[] = [];
    const quiet = await benchServer({ rules: RULES, sink: null });
    try {
      const single = await interleaved(rounds, {
        bare: () => quiet.cpuMs("bare", bodies, ONE),
        squall: () => quiet.cpuMs("squall", bodies, ONE),
      });
      figures.push(perRequest("webhook, one event per POST, no match", single, bodies.length, 1.4));
      figures.push(await batches(quiet, data.lines, rounds));
    } finally {
      await quiet.stop();
    }
    figures.push(await firing(bodies, rounds));
    return figures;
  },
};

const perRequest = (gate: string, cpu: { bare: number; squall: number }, requests: number, atMost: number): Figure => ({
  gate,
  floor: "bare fastify, JSON.parse, 200",
  value: cpu.squall / cpu.bare,
  unit: "x",
  atMost,
  detail: `${micros(cpu.squall, requests)} against ${micros(cpu.bare, requests)} CPU per request, ${RULES} rules`,
});

const micros = (cpuMs: number, count: number): string => `${((cpuMs * 1000) / count).toFixed(1)} µs`;

async function batches(server: Awaited<ReturnType<typeof benchServer>>, lines: readonly string[], rounds: number): Promise<Figure> {
  const groups = Array.from({ length: Math.min(30, Math.floor(lines.length / BATCH)) }, (_, i) => lines.slice(i * BATCH, (i + 1) * BATCH));
  const documents = groups.length * BATCH;
  const bodies = groups.map((group) => `[${group.join(",")}]`);
  const texts = groups.flat();
  const cpu = await interleaved(rounds, {
    parse: () => server.parseCpuMs(texts),
    squall: () => server.cpuMs("squall", bodies, `{"accepted":${BATCH},"rejected":[]}`),
  });
  return {
    gate: `webhook, batches of ${BATCH}`,
    floor: "JSON.parse of the same documents",
    value: cpu.squall / cpu.parse,
    unit: "x",
    atMost: 2.5,
    detail: `${micros(cpu.squall, documents)} against ${micros(cpu.parse, documents)} CPU per document, ${RULES} rules`,
  };
}

/** 7.5 % of the events cause a delivery, committed before the answer and posted to a sink of this process. */
async function firing(bodies: readonly string[], rounds: number): Promise<Figure> {
  const sink = await sinkServer();
  const server = await benchServer({ rules: RULES, sink: sink.url });
  try {
    const some = bodies.map((body, i) => (i % 40 < 3 ? `{"fire":true,${body.slice(1)}` : body));
    const perRound = some.filter((body) => body.startsWith('{"fire":true')).length;
    const cpu = await interleaved(rounds, {
      bare: () => server.cpuMs("bare", some, ONE),
      squall: () => server.cpuMs("squall", some, ONE),
    });
    const expected = perRound * (rounds + WARM_UP);
    await until(() => sink.received.length >= expected);
    const keys = new Set(sink.received.map(({ key }) => key));
    if (sink.received.length !== expected || keys.size !== expected) throw new Error(`${sink.received.length} deliveries with ${keys.size} keys reached the sink; ${expected} were fired`);
    return perRequest("webhook, 7.5 % of events fire an HTTP action", cpu, some.length, 2.2);
  } finally {
    await server.stop();
    await sink.close();
  }
}
