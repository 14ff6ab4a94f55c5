import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchData } from "./gate.ts";

/** Real Windows events where the data folder holds them, else generated ones of their shape. */
export function loadData(folder: string): BenchData {
  const file = join(folder, "windows", "security-datasets-flat.ndjson");
  if (existsSync(file)) return { folder, origin: "windows/security-datasets-flat.ndjson", lines: readFileSync(file, "utf8").trim().split("\n") };
  return { folder, origin: "generated", lines: Array.from({ length: 2000 }, (_, i) => JSON.stringify(generated(i))) };
}

function generated(i: number): object {
  const pad = (n: number, text: string): string => Array.from({ length: n }, (_, k) => `${text}${(i * 31 + k * 7) % 97}`).join(" ");
  return {
    TimeCreated: new Date(1_700_000_000_000 + i * 1000).toISOString(),
    EventID: [1, 3, 5, 7, 10, 11, 12, 13, 4624, 4688][i % 10],
    Channel: ["Microsoft-Windows-Sysmon/Operational", "Security", "System"][i % 3],
    Image: `C:\\windows\\system32\\tool${i % 50}.exe`,
    CommandLine: `"C:\\windows\\system32\\tool${i % 50}.exe" ${pad(8, "arg")}`,
    Hostname: `host-${i % 20}.example.test`,
    ProcessId: 1000 + (i % 4000),
    RuleName: "-",
    Message: pad(60, "word"),
  };
}
