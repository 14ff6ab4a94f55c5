/**
 * npm run bench -- [--quick] [--check] [--data DIR] [--only NAME]
 * Every figure is a ratio against a floor of the same run; absolute rates are printed for reading only.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { parseArgs } from "node:util";
import { keepYoung } from "../../src/app/keep-young.ts";
import { loadData } from "./data.ts";
import { met, type Figure } from "./gate.ts";
import { gates } from "./gates/list.ts";

keepYoung(); // floors and what is measured against them run as `serve` does

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    data: { type: "string", default: "../shared/data" },
    only: { type: "string" },
  },
});

function table(all: readonly Figure[]): string {
  const rows = all.map((figure) => [figure.gate, figure.floor, shown(figure, figure.value), bound(figure), verdict(figure), figure.detail]);
  const header = ["gate", "against", "measured", "must be", "", "behind it"];
  return [header, header.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n") + `\n\nevents: ${data.origin}`;
}

const shown = (figure: Figure, value: number): string => `${value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)} ${figure.unit}`;

function bound(figure: Figure): string {
  if (figure.atMost !== undefined) return `≤ ${figure.atMost} ${figure.unit}`;
  return figure.atLeast === undefined ? "–" : `≥ ${figure.atLeast} ${figure.unit}`;
}

function verdict(figure: Figure): string {
  if (!met(figure)) return "MISSED";
  if (figure.aim === undefined) return "met";
  return `met; aim ${figure.aim} ${figure.unit}`;
}

const data = loadData(values.data);
const figures: Figure[] = [];
const broken: string[] = [];
for (const gate of gates) {
  if (values.only !== undefined ? !gate.name.includes(values.only) : values.quick && gate.slow) continue;
  process.stderr.write(`${gate.name} …\n`);
  try {
    figures.push(...(await gate.run({ quick: values.quick, data })));
  } catch (error) {
    broken.push(`${gate.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

console.log(table(figures));
for (const problem of broken) console.log(`\nno figure: ${problem}`);
mkdirSync("bench", { recursive: true });
const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, platform: platform(), arch: arch(), node: process.version };
writeFileSync("bench/results.json", `${JSON.stringify({ date: new Date().toISOString(), machine, events: data.origin, quick: values.quick, figures, broken }, null, 2)}\n`);
const missed = figures.filter((figure) => !met(figure));
if (broken.length > 0) process.exitCode = 1;
if (values.check && missed.length > 0) process.exitCode = 1;
