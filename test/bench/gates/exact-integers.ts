import { parseJson } from "../../../src/core/json.ts";
import { interleaved, type Gate } from "../gate.ts";

const LARGE = /[:,[]\s*-?\d{16,}/;
const ROUNDS = 4;

/** Decoding of documents that hold an integer beyond 2^53; where the data has none, one is put into each. */
export const exactIntegers: Gate = {
  name: "exact integers",
  async run({ quick, data }) {
    const found = data.lines.filter((line) => LARGE.test(line.replace(/"(?:[^"\\]|\\.)*"/g, '""')));
    const texts = found.length > 0 ? found : data.lines.map((line) => `{"Keywords":-9214364837600034816,${line.slice(1)}`);
    for (const text of texts.slice(0, 100)) {
      const parsed = parseJson(text);
      if (!parsed.ok || !Object.values(parsed.value as object).some((value) => typeof value === "bigint")) throw new Error(`no exact integer came out of ${text.slice(0, 200)}`);
    }
    const cpu = await interleaved(quick ? 3 : 9, { parse: () => cpuMicros(texts, JSON.parse), exact: () => cpuMicros(texts, parseJson) });
    const detail = `${cpu.exact.toFixed(1)} µs against ${cpu.parse.toFixed(1)} µs CPU per document, ${texts.length} documents`;
    return [{ gate: "exact integers, documents that hold one beyond 2^53", floor: "JSON.parse", value: cpu.exact / cpu.parse, unit: "x", atMost: 6, detail }];
  },
};

function cpuMicros(texts: readonly string[], parse: (text: string) => unknown): number {
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) for (const text of texts) parse(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (texts.length * ROUNDS);
}
