import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "../kit/squall-process.ts";

export type ServiceName = "alertmanager" | "icinga2" | "elasticsearch" | "opensearch" | "nats" | "kafka" | "rsyslog";

export interface Service {
  /** The `key=value` pairs of the script's ready line; empty when it is not installable here. */
  readonly info: Readonly<Record<string, string>>;
  /** Why it does not run here; null when it does. */
  readonly missing: string | null;
  /** Ends it, keeping data, port and passwords. */
  stop(): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
  /** Ends it and removes its directory. */
  remove(): Promise<void>;
}

/**
 * Starts a real service in a directory of its own. `config` goes to the file that the script's `SQUALL_…_CONFIG` names.
 * Where a program is missing the tests are to be skipped (`describe.skipIf(service.missing)`), never under CI.
 */
export async function startService(
  name: ServiceName,
  env: Readonly<Record<string, string>> = {},
  config?: string,
): Promise<Service> {
  const dir = mkdtempSync(join(tmpdir(), `squall-${name}-`));
  const configFile = join(dir, "more.config");
  if (config !== undefined) writeFileSync(configFile, config);
  const variables = config === undefined ? env : { ...env, [CONFIG_VARIABLE[name]]: configFile };
  const start = (): Promise<string> => run(name, "start", dir, variables);
  const stop = async (): Promise<void> => void (await run(name, "stop", dir, variables));

  const line = await start().catch((error: Error) => error);
  const missing = line instanceof Error ? line.message : null;
  if (missing !== null) {
    await stop().catch((error: Error) => console.warn(error.message));
    removeFolder(dir);
    if (process.env["CI"] !== undefined || !/is missing|needs Java/.test(missing)) throw new Error(missing);
    console.warn(`skipped: ${missing}`);
  }
  return {
    info: missing === null ? readLine(String(line)) : {},
    missing,
    stop,
    start: async () => void (await start()),
    async remove() {
      if (missing !== null) return;
      await stop();
      removeFolder(dir);
    },
  };
}

/** Several at once; when one of them fails the others are ended before the error is thrown. */
export async function startServices<T extends readonly Parameters<typeof startService>[]>(
  ...services: T
): Promise<{ readonly [K in keyof T]: Service }> {
  const started = await Promise.allSettled(services.map((service) => startService(...service)));
  const failed = started.find((result) => result.status === "rejected");
  const running = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  // One for one as asked, since none failed.
  if (!failed) return running as unknown as { readonly [K in keyof T]: Service };
  await Promise.all(running.map((service) => service.remove()));
  throw failed.reason;
}

const CONFIG_VARIABLE: Readonly<Record<ServiceName, string>> = {
  alertmanager: "SQUALL_ALERTMANAGER_CONFIG",
  icinga2: "SQUALL_ICINGA2_CONFIG",
  elasticsearch: "SQUALL_ES_CONFIG",
  opensearch: "SQUALL_OPENSEARCH_CONFIG",
  nats: "SQUALL_NATS_CONFIG",
  kafka: "SQUALL_KAFKA_CONFIG",
  rsyslog: "SQUALL_RSYSLOG_CONFIG",
};

function run(
  name: ServiceName,
  verb: "start" | "stop",
  dir: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const script = join(import.meta.dirname, `${name}.sh`);
    execFile("bash", [script, verb, dir], { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      error ? reject(new Error(`${name}.sh ${verb} failed: ${stderr.trim() || error.message}`)) : resolve(stdout),
    );
  });
}

const readLine = (line: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    line
      .trim()
      .split(" ")
      .filter((pair) => pair.includes("="))
      .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
