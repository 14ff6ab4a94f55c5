/** As rsyslog's omprog: a real rsyslogd starts `squall serve --stdin`, feeds it, and ends it by closing its input. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { configFolder, until } from "../kit/squall-process.ts";
import { startService } from "../services/service.ts";

const folder = configFolder({
  "config/squall.yaml": {
    ingest: { port: 0 },
    admin: { port: 0 },
    executors: { archive: { options: { base_path: "./archive", default_path: "logins.ndjson" } } },
  },
  "rules/auth/010_login.yaml": {
    constraint: {
      WHERE: { type: "contains", first: "${event.payload.msg}", second: "Failed password" },
      WITH: { user: { from: "${event.payload.msg}", regex: { match: "for (\\S+)", group_match_idx: 1 } } },
    },
    actions: [{ id: "archive", payload: { event: { user: "${_variables.user}", tag: "${event.payload.tag}" } } }],
  },
});
const squall = [process.execPath, resolve("bin/squall.mjs"), "serve", "--stdin", "--config-dir", folder.dir].join(" ");
const config = `
module(load="omprog")
template(name="json" type="list") {
  constant(value="{") property(name="msg" outname="msg" format="jsonf") constant(value=",")
  property(name="programname" outname="tag" format="jsonf") constant(value="}\\n")
}
action(type="omprog" binary="${squall}" template="json" signalOnClose="off" output="${folder.dir}/squall.log")
`;
const service = await startService("rsyslog", {}, config);

afterAll(async () => {
  await service.remove();
  await until(() => !runs());
  folder.remove();
});

/** Squall, which is rsyslogd's child and not ours. */
const runs = (): boolean =>
  readdirSync("/proc").some((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(folder.dir);
    } catch {
      return false; // it has ended meanwhile
    }
  });

describe.skipIf(service.missing)("omprog", () => {
  const log = (text: string): void =>
    void execFileSync("logger", ["-u", service.info["socket"] ?? "", "-d", "-t", "sshd", text]);
  const logins = (): readonly unknown[] => {
    const file = join(folder.dir, "archive/logins.ndjson");
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line) as unknown);
  };

  test("lines are events; when rsyslogd stops, so does it, and the next one finds the store free", async () => {
    log("Accepted password for eve");
    log('Failed password for root "from" 198.51.100.7');
    await until(() => logins().length === 1);
    expect(logins()).toEqual([{ user: "root", tag: "sshd" }]);
    await service.stop();
    await until(() => !runs()); // rsyslogd waits for it, but not for long
    expect(readFileSync(join(folder.dir, "squall.log"), "utf8")).toContain("standard input has ended");
    await service.start();
    log("Failed password for bob");
    await until(() => logins().length === 2);
    expect(logins()[1]).toEqual({ user: "bob", tag: "sshd" });
  });
});
