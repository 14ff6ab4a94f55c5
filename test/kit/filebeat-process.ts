/** A real Filebeat 7 that reads one file and ships to Elasticsearch, with its defaults: template and ILM are set up. */
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface FilebeatProcess {
  append(lines: readonly string[]): void;
  output(): string;
  stop(): Promise<void>;
}

export function startFilebeat(
  program: string,
  dir: string,
  output: { readonly url: string; readonly username: string; readonly password: string },
): FilebeatProcess {
  const home = join(dir, "filebeat");
  mkdirSync(home);
  const file = join(home, "auth.log");
  writeFileSync(file, "");
  const config = {
    "filebeat.inputs": [{ type: "filestream", id: "a", paths: [file], "prospector.scanner.check_interval": "1s" }],
    "output.elasticsearch": { hosts: [output.url], username: output.username, password: output.password },
    "logging.to_files": false,
  };
  writeFileSync(join(home, "fb.yml"), JSON.stringify(config));
  const args = ["-e", "--strict.perms=false", "--path.data", join(home, "data"), "-c", join(home, "fb.yml")];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log = (log + chunk.toString()).slice(-8000)));
  return {
    append: (lines) => appendFileSync(file, lines.map((line) => `${line}\n`).join("")),
    output: () => log,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
