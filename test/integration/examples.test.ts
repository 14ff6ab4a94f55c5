/**
 * The folders of `examples/`, run as they are: only addresses, ports and credentials come from outside, as for anybody who
 * uses them. The targets are real where they can be had here (Icinga 2 with the example's own objects, Kafka,
 * Elasticsearch), else a recording sink. What the README of an example tells to type is typed.
 */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Agent, request } from "undici";
import { type App, startApp } from "../../src/app/start-app.ts";
import { system } from "../../src/app/system.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { filebeatBulk, filebeatBytes, FILEBEAT_HANDSHAKE } from "../kit/filebeat-requests.ts";
import { httpSink, type HttpSink } from "../kit/http-sink.ts";
import { kafkaCluster, type KafkaCluster } from "../kit/kafka-cluster.ts";
import { rawHttpSender } from "../kit/raw-http-sender.ts";
import { freePort, until } from "../kit/squall-process.ts";
import { type Service, startServices } from "../services/service.ts";

const TOKEN = "of-the-sender";
const ICINGA2_PASSWORD = "of-the-example";
const read = (file: string): string => readFileSync(file, "utf8");
const lines = (name: string): string[] => read(`test/fixtures/${name}`).trim().split("\n");
const objects = (name: string): string => read(`examples/${name}/icinga2.conf`);
// Of Icinga's template library, which the tests run without.
const DUMMY = 'object CheckCommand "dummy" { command = [ "/bin/true" ] }\n';

const icingas = await startServices(
  ["icinga2", { ICINGA2_PASSWORD }, objects("logstash-http")],
  ["icinga2", { ICINGA2_PASSWORD }, objects("filebeat-kafka-icinga2")],
  ["icinga2", { ICINGA2_PASSWORD }, DUMMY + objects("icinga2-sidecar")],
);
const [icingaOfLogstash, icingaOfKafka, icingaOfSidecar] = icingas;
/** Kafka and Elasticsearch, which take their time while the first tests run. */
const slow = startServices(["kafka"], ["elasticsearch", { SQUALL_ES_SECURE: "1" }]);
slow.catch(() => undefined); // told by those that wait for it
const SLOW_MS = 500_000;

interface Running {
  readonly app: App;
  readonly dir: string;
  readonly log: () => string;
  /** The process ends; what is on disk stays. */
  stop(): Promise<void>;
}

interface Start {
  readonly env?: Readonly<Record<string, string>>;
  /** Takes the place of the path that stands behind the `#` before `ca_file`. */
  readonly ca?: string | undefined;
  readonly stdin?: string;
  readonly set?: readonly string[];
  /** Where it ran before. */
  readonly dir?: string;
}

const cleanups: (() => Promise<unknown> | void)[] = [];
const cleanUp = async (): Promise<void> => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
};
afterEach(cleanUp);
afterAll(async () => {
  const others = await slow.catch(() => []); // ended already
  await Promise.all([...icingas, ...others].map((service) => service.remove()));
}, SLOW_MS);

async function start(name: string, options: Start = {}): Promise<Running> {
  const { env = {}, ca, stdin = "", set = [], dir = copyOf(name, ca) } = options;
  let log = "";
  const app = await startApp(
    { dir, set: ["ingest.port=0", "admin.port=0", ...set] },
    {
      ...system,
      env: { SQUALL_TOKEN: TOKEN, DRY_RUN: "false", ICINGA2_PASSWORD, ...env },
      stdin: () => Readable.from([Buffer.from(stdin)]),
      writeLog: (text) => void (log += text),
      terminal: false,
      colour: false,
      onCrash: () => () => undefined,
      exit: () => undefined,
    },
  );
  let running = true;
  const stop = async (): Promise<void> => {
    if (running) await app.stop();
    running = false;
  };
  cleanups.push(stop);
  return { app, dir, log: () => log, stop };
}

/** Everything but the `#` before `ca_file` is as it is shipped. */
function copyOf(name: string, ca: string | undefined): string {
  const dir = mkdtempSync(join(tmpdir(), `squall-${name}-`));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  for (const folder of ["config", "collectors", "processing-trees", "rules", "lists"])
    if (existsSync(`examples/${name}/${folder}`))
      cpSync(`examples/${name}/${folder}`, join(dir, folder), { recursive: true });
  for (const file of ca === undefined
    ? []
    : ["config/squall.yaml", "collectors/icinga2.yaml", "collectors/elasticsearch.yaml"])
    if (existsSync(join(dir, file)))
      writeFileSync(join(dir, file), read(join(dir, file)).replace(/# (.*ca_file: )[^ }\n]+/g, `$1${ca}`));
  return dir;
}

/** Runs the command of the README that sends something, at the addresses of this run; resolves with what it prints. */
function typeIn(name: string, places: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const blocks = [...read(`examples/${name}/README.md`).matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block!);
  const command = blocks.find((block) => !block.includes("npm run") && /\b(curl|logger|kcat)\b/.test(block));
  if (command === undefined) throw new Error(`no command in the README of ${name}`);
  const [here] = Object.entries(places).map(([from, to]) => {
    expect(command).toContain(from);
    return command.replaceAll(from, to);
  });
  return new Promise<string>((resolve, reject) => {
    const variables = { ...process.env, SQUALL_TOKEN: TOKEN, ...env };
    execFile("bash", ["-c", `set -o pipefail\n${here}`], { env: variables }, (error, stdout, stderr) =>
      error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(stdout),
    );
  });
}

async function post(running: Running, path: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const answer = await request(`${running.app.ingestUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}

/** The sum of a counter's values, of those with that among their labels. */
async function counted(running: Running, name: string, label = ""): Promise<number> {
  const answer = await request(`${running.app.adminUrl}/metrics`);
  const values = [...(await answer.body.text()).matchAll(new RegExp(`^${name}\\{.*${label}.*\\} (\\S+)$`, "gm"))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}
const delivered = (running: Running): Promise<number> => counted(running, "squall_deliveries_total", '"delivered"');

interface ServiceState {
  readonly state: number;
  readonly output: string | undefined;
}

/** Icinga 2 as an administrator sees it. */
function icinga({ info }: Service) {
  const { url = "", ca = "", admin = "" } = info;
  const agent = new Agent({ connect: ca === "" ? {} : { ca: read(ca) } });
  const ask = async (method: "GET" | "POST", path: string, body?: object): Promise<JsonObject> => {
    const answer = await agent.request({
      origin: url,
      path,
      method,
      headers: { accept: "application/json", authorization: `Basic ${Buffer.from(admin).toString("base64")}` },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const found = (await answer.body.json()) as JsonObject;
    if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(found)}`);
    return found;
  };
  return {
    url,
    ca,
    ask,
    close: () => agent.close(),
    async state(service: string): Promise<ServiceState> {
      const found = await ask("GET", `/v1/objects/services/${encodeURIComponent(service)}`);
      // What its API documents.
      const [{ attrs }] = found["results"] as unknown as [
        { attrs: { state: number; last_check_result: { output: string } | null } },
      ];
      return { state: attrs.state, output: attrs.last_check_result?.output };
    },
  };
}

describe.skipIf(icingaOfLogstash.missing)("logstash-http", () => {
  const monitoring = icinga(icingaOfLogstash);
  afterAll(() => monitoring.close());
  const env = { ICINGA2_URL: monitoring.url };
  const open = (set: readonly string[] = []) => start("logstash-http", { env, set, ca: monitoring.ca });

  /** As its logstash.conf says. */
  const conf = read("examples/logstash-http/logstash.conf");
  const path = /\}(\/event\/\w+)"/.exec(conf)![1]!;
  const send = (running: Running, documents: readonly string[], token = TOKEN) =>
    post(running, path, gzipSync(`[${documents.join()}]`), {
      authorization: /"Authorization" => "(\w+) /.exec(conf)![1]! + ` ${token}`,
      "content-encoding": "gzip",
    });

  test("services and interfaces have the state of their last event; a batch that comes again has no effect", async () => {
    const running = await open();
    const winlogbeat = lines("examples/winlogbeat-through-logstash.ndjson");
    const batch = [
      ...lines("examples/logstash-windows.ndjson"),
      ...winlogbeat,
      ...lines("examples/logstash-syslog.ndjson"),
    ];
    const answer = await send(running, batch);
    expect(JSON.parse(answer.text)).toEqual({ accepted: batch.length, rejected: [] });
    await until(async () => (await delivered(running)) === 6);
    expect(await monitoring.state("WIN-LAB1!Print Spooler")).toEqual({
      state: 2,
      output: "The Print Spooler service entered the stopped state.",
    });
    expect(await monitoring.state("WIN-LAB1!Windows Time")).toMatchObject({ state: 0 });
    expect(await monitoring.state("sw-1!GigabitEthernet0/1")).toMatchObject({ state: 2 });
    expect(await monitoring.state("sw-1!GigabitEthernet0/2")).toMatchObject({ state: 0 });

    expect((await send(running, winlogbeat)).status).toBe(200);
    expect(await counted(running, "squall_events_duplicate_total")).toBe(3);
    expect((await send(running, batch, "wrong")).status).toBe(401);
  });

  test("an Icinga 2 that is away costs Logstash nothing: the result is delivered when it is back", async () => {
    const running = await open(["executors.icinga2.breaker.open_for=1s"]);
    await icingaOfLogstash.stop();
    const [down] = lines("examples/logstash-syslog.ndjson").slice(1);
    expect((await send(running, [down!])).status).toBe(200);
    await running.stop();
    await icingaOfLogstash.start();
    await start("logstash-http", { env, dir: running.dir });
    await until(async () => (await monitoring.state("sw-1!GigabitEthernet0/2")).state === 2);
  });

  test("the command of the README", async () => {
    const running = await start("logstash-http", { env: { DRY_RUN: "true" } });
    const printed = await typeIn("logstash-http", { "http://127.0.0.1:8080": running.app.ingestUrl });
    expect(JSON.parse(printed)).toEqual({ accepted: 2, rejected: [] });
    await until(() => running.log().includes("sw-1!GigabitEthernet0/1"));
    expect(running.log()).toContain("WIN-LAB1!Print Spooler");
  });
});

describe("sysdig-victorops", () => {
  let sink: HttpSink;
  beforeAll(async () => void (sink = await httpSink()));
  afterAll(() => sink.close());
  const sysdig = (name: string): string => read(`test/fixtures/sysdig/${name}.json`);

  test("an incident opens and closes, in this order also when the first attempt fails; Secure opens its own", async () => {
    const env = { VICTOROPS_URL: `${sink.url}/alert`, VICTOROPS_API_KEY: "key-1", VICTOROPS_ROUTING_KEY: "team" };
    const running = await start("sysdig-victorops", { env });
    const opened = ({ body }: { readonly body: string }): boolean => body.includes('"sysdig/7012/');
    sink.respond((request) => ({ status: opened(request) && sink.requests.filter(opened).length === 1 ? 503 : 200 }));
    for (const name of ["monitor-alert-active", "monitor-alert-ok", "monitor-alert-active", "secure-policy-event"]) {
      const { text } = await post(running, `/event/sysdig?token=${TOKEN}`, sysdig(name));
      expect(JSON.parse(text)).toEqual({ accepted: 1, rejected: [] });
    }
    await until(() => sink.requests.length >= 4);
    expect(new Set(sink.requests.map(({ path }) => path))).toEqual(new Set(["/alert/key-1/team"]));
    const sent = sink.requests.map(({ body }) => JSON.parse(body) as JsonObject);
    const monitor = sent.filter(({ entity_id: id }) => id === "sysdig/7012/host.mac = '02:00:5e:10:00:01'");
    expect(monitor.map(({ message_type: type }) => type)).toEqual(["WARNING", "WARNING", "RECOVERY"]);
    expect(monitor[1]).toMatchObject({
      entity_display_name: "CPU high on nodes: host.mac = '02:00:5e:10:00:01'",
      state_message:
        "timeAvg(cpu.used.percent) > 90\ncpu.used.percent (timeAvg) is 93.4\nhttps://sysdig.example.test/#/events/990211",
    });
    expect(sent.filter(({ entity_id: id }) => id === "sysdig-secure/59/57c1820a87f1")).toEqual([
      expect.objectContaining({
        message_type: "WARNING",
        state_message: expect.stringContaining("file=/etc/shadow parent=dockercontaine"),
      }),
    ]);
    expect(await counted(running, "squall_events_duplicate_total")).toBe(1);
    expect(running.log()).not.toContain("key-1");
  });

  test("the command of the README", async () => {
    const running = await start("sysdig-victorops", { env: { DRY_RUN: "true" } });
    const printed = await typeIn("sysdig-victorops", { "http://127.0.0.1:8080": running.app.ingestUrl });
    expect(JSON.parse(printed)).toEqual({ accepted: 1, rejected: [] });
    await until(() => running.log().includes("sysdig/7012/host.mac = '02:00:5e:10:00:01'"));
  });
});

describe.skipIf(icingaOfSidecar.missing)("icinga2-sidecar", () => {
  const monitoring = icinga(icingaOfSidecar);
  let sink: HttpSink;
  beforeAll(async () => void (sink = await httpSink()));
  afterAll(() => Promise.all([monitoring.close(), sink.close()]));

  test("a script's result is Icinga 2's, its problem an incident, which the acknowledgement closes", async () => {
    sink.respond({ status: 202 });
    const running = await start("icinga2-sidecar", {
      ca: monitoring.ca,
      env: {
        ICINGA2_URL: monitoring.url,
        PAGERDUTY_URL: `${sink.url}/v2/enqueue`,
        PAGERDUTY_ROUTING_KEY: "of-the-team",
        HEARTBEAT_SCHEDULE: "* * * * * *",
      },
    });
    const report = (state: number, text: string) =>
      post(running, "/event/checks", JSON.stringify({ host: "db-1", service: "backup", state, text }), {
        authorization: `Bearer ${TOKEN}`,
      });
    const incidents = () =>
      sink.requests
        .map(({ body }) => JSON.parse(body) as JsonObject)
        .filter(({ dedup_key: key }) => key === "icinga2/db-1/backup");
    const incident = () => incidents().map(({ event_action: action }) => action);
    await until(() => running.log().includes("reading the event stream"));

    expect((await report(2, "no space left")).status).toBe(200);
    await until(() => incident().length === 1);
    expect(incident()).toEqual(["trigger"]);
    expect(incidents()[0]).toMatchObject({
      payload: { summary: "db-1 backup: no space left", severity: "critical" },
    });
    expect(await monitoring.state("db-1!backup")).toEqual({ state: 2, output: "no space left" });

    await monitoring.ask("POST", "/v1/actions/acknowledge-problem", {
      type: "Service",
      service: "db-1!backup",
      author: "op",
      comment: "on it",
    });
    await until(() => incident().length === 2);
    expect(incident()).toEqual(["trigger", "resolve"]);

    await report(0, "done");
    await until(() => incident().length === 3);
    expect(incident()).toEqual(["trigger", "resolve", "resolve"]);
    expect(await monitoring.state("db-1!backup")).toEqual({ state: 0, output: "done" });

    await until(async () => (await monitoring.state("squall-host!squall")).output === "Squall takes events");
  });

  test("the command of the README", async () => {
    const running = await start("icinga2-sidecar", { env: { DRY_RUN: "true", ICINGA2_URL: monitoring.url } });
    const printed = await typeIn("icinga2-sidecar", { "http://127.0.0.1:8080": running.app.ingestUrl });
    expect(JSON.parse(printed)).toEqual({ accepted: 1, rejected: [] });
    await until(() => running.log().includes("no space left on /backup"));
  });
});

describe("falco-slack", () => {
  let sink: HttpSink;
  beforeAll(async () => void (sink = await httpSink()));
  afterAll(() => sink.close());

  test("errors are shown, as text; a test and a debug message are not", async () => {
    const running = await start("falco-slack", { env: { SLACK_WEBHOOK_URL: `${sink.url}/services/T/B/secret` } });
    const alerts = lines("falco/falco.ndjson");
    for (const alert of [...alerts, alerts[0]!]) {
      const { status } = await post(running, `/event/falco?token=${TOKEN}`, alert);
      expect(status).toBe(200);
    }
    await until(() => sink.requests.length >= 3);
    const shown = sink.requests.map(({ body }) => JSON.parse(body) as { text: string; blocks: JsonObject[] });
    expect(shown.map(({ text }) => text)).toEqual(["Falco: Error", "Falco: Critical", "Falco: Error"]);
    expect(shown[0]!.blocks[1]).toEqual({
      type: "section",
      text: { type: "plain_text", text: JSON.parse(alerts[0]!).output },
    });
    expect(running.log()).not.toContain("secret");
  });

  test("the command of the README, twice", async () => {
    const running = await start("falco-slack", { env: { DRY_RUN: "true" } });
    for (let round = 0; round < 2; round++) {
      const printed = await typeIn("falco-slack", { "http://127.0.0.1:8080": running.app.ingestUrl });
      expect(JSON.parse(printed)).toEqual({ accepted: 1, rejected: [] });
    }
    await until(() => running.log().includes("Write below binary dir"));
    expect(await counted(running, "squall_events_duplicate_total")).toBe(1);
  });
});

describe("stdin-oneshot", () => {
  test("the two lines of the README give two findings, and the process asks to end", async () => {
    const [, printed] = /printf '%s\\n' \\\n([^]*?) \|\n/.exec(read("examples/stdin-oneshot/README.md"))!;
    const stdin = [...printed!.matchAll(/'(.+)'/g)].map(([, line]) => `${line}\n`).join("");
    const running = await start("stdin-oneshot", { stdin });
    await running.app.finished;
    const findings = read(join(running.dir, "findings/findings.ndjson")).trim().split("\n");
    expect(findings.map((line) => JSON.parse(line) as JsonObject)).toEqual([
      { time: expect.any(String), finding: "sudo refused", host: "lab-a", user: "tsg", command: "/bin/ls" },
      { time: expect.any(String), finding: "new user", host: "lab-a", user: "apache" },
    ]);
  });
});

describe.skipIf(icingaOfKafka.missing)("filebeat-kafka-icinga2", () => {
  const monitoring = icinga(icingaOfKafka);
  let kafka: Service;
  let cluster: KafkaCluster | undefined;
  beforeAll(async () => {
    [kafka] = await slow;
    if (kafka.missing === null) cluster = await kafkaCluster(kafka.info["brokers"]!);
  }, SLOW_MS);
  afterAll(() => Promise.all([monitoring.close(), cluster?.close()]));

  test("states follow the log; after a restart it goes on where it was", async ({ skip }) => {
    if (!cluster) return skip(kafka.missing ?? "");
    const env = { KAFKA_BROKER: kafka.info["brokers"]!, KAFKA_TOPIC: "filebeat", ICINGA2_URL: monitoring.url };
    await cluster.createTopic("filebeat");
    await cluster.produce("filebeat", lines("examples/filebeat-auth.ndjson"), { key: "lab-a" });
    await cluster.produce("filebeat", lines("examples/filebeat-system-auth.ndjson"), { key: "precise32" });

    const first = await start("filebeat-kafka-icinga2", { env, ca: monitoring.ca });
    await until(async () => (await delivered(first)) === 3);
    expect(await monitoring.state("lab-a!sudo")).toEqual({
      state: 2,
      output: "tsg is not in sudoers and tried /bin/cat /etc/shadow",
    });
    expect(await monitoring.state("lab-a!ssh-root")).toEqual({
      state: 2,
      output: "root logged in with a password from 198.51.100.9",
    });
    await until(async () => (await counted(first, "squall_events_received_total")) === 21);
    await first.stop();

    const [, failed] = lines("examples/filebeat-auth.ndjson").map((line) => line.replaceAll("09:44", "09:59"));
    await cluster.produce("filebeat", [failed!], { key: "lab-a" });
    const second = await start("filebeat-kafka-icinga2", { env, dir: first.dir });
    await until(async () => (await monitoring.state("lab-a!ssh-root")).state === 1);
    expect(await counted(second, "squall_events_received_total")).toBe(1);

    if (kafka.info["kcat"] === undefined) return;
    // The README's record is of earlier that day: Icinga 2 keeps what it has (2.13 answers 200 all the same).
    await typeIn("filebeat-kafka-icinga2", { "127.0.0.1:9092": env.KAFKA_BROKER });
    await until(async () => (await delivered(second)) === 2);
    expect(await monitoring.state("lab-a!sudo")).toMatchObject({ output: expect.stringContaining("/etc/shadow") });
  });
});

describe("Elasticsearch", () => {
  let missing: string | null;
  let url: string, ca: string, admin: string, writer: string;
  let username: string, password: string;
  let agent: Agent;
  beforeAll(async () => {
    const [, service] = await slow;
    ({ missing } = service);
    ({ url = "", ca = "", admin = "", writer = "" } = service.info);
    [username = "", password = ""] = writer.split(":");
    agent = new Agent({ connect: ca === "" ? {} : { ca: read(ca) } });
  }, SLOW_MS);
  afterAll(() => agent.close());
  const basic = (login: string): string => `Basic ${Buffer.from(login).toString("base64")}`;

  /** The documents of an index by their messages. */
  async function documents(index: string): Promise<JsonObject[]> {
    const ask = async (method: "GET" | "POST", path: string): Promise<JsonObject> => {
      const headers = { authorization: basic(admin) };
      const { body } = await agent.request({ origin: url, path, method, headers });
      return (await body.json()) as JsonObject;
    };
    await ask("POST", `/${index}/_refresh`);
    const found = await ask("GET", `/${index}/_search?size=100&sort=_doc`);
    const { hits = [] } = (found["hits"] ?? {}) as { hits?: { _source: JsonObject }[] };
    return hits.map(({ _source: source }) => source);
  }

  test("filebeat-elasticsearch-tee: the lines are in their index, the findings in another", async ({ skip }) => {
    if (missing !== null) return skip(missing);
    const port = await freePort();
    const running = await start("filebeat-elasticsearch-tee", {
      ca,
      env: { ES_URL: url, ES_USER: username, ES_PASSWORD: password, LISTEN_PORT: String(port) },
    });
    const sender = await rawHttpSender(port, 65_536);
    cleanups.push(() => sender.close());
    const sent = lines("examples/filebeat-auth.ndjson").map((line): JsonObject => {
      const { "@metadata": _, ...document } = JSON.parse(line) as JsonObject; // the Elasticsearch output leaves it out
      return document;
    });
    const bulk = filebeatBulk("squall-auth", sent);
    const host = `127.0.0.1:${port}`;
    expect((await sender.send(filebeatBytes(bulk, host, basic(`${username}:wrong`)))).status).toBe(401);
    const license = FILEBEAT_HANDSHAKE.find(({ path }) => path.startsWith("/_license"))!;
    const handshake = await sender.send(filebeatBytes(license, host, basic(writer)));
    expect(JSON.parse(handshake.text)).toMatchObject({ license: { status: "active" } });
    const answer = await sender.send(filebeatBytes(bulk, host, basic(writer)));
    expect(JSON.parse(answer.text)).toMatchObject({ errors: false });
    expect((await documents("squall-auth")).map(({ message }) => message)).toEqual(sent.map(({ message }) => message));

    await until(async () => (await documents("squall-findings")).length === 2);
    const findings = await documents("squall-findings");
    expect(findings.map(({ event }) => event)).toEqual([
      { kind: "alert", dataset: "squall.root_password", outcome: "Failed" },
      { kind: "alert", dataset: "squall.root_password", outcome: "Accepted" },
    ]);
    expect(findings[1]).toMatchObject({
      "@timestamp": "2026-11-21T09:44:12.295Z",
      source: { ip: "198.51.100.9" },
      log: sent[2]!["log"],
      labels: { index: "squall-auth" },
    });

    const login = { FILEBEAT_USER: username, FILEBEAT_PASSWORD: password };
    const printed = await typeIn("filebeat-elasticsearch-tee", { "http://127.0.0.1:9201": `http://${host}` }, login);
    // The writer of the tests may write to squall-* alone, and the answer is the cluster's own.
    expect(JSON.parse(printed)).toMatchObject({ errors: true, items: [{ create: { status: 403 } }] });
    await until(async () => (await documents("squall-findings")).length === 3);
    expect(await counted(running, "squall_events_received_total")).toBe(6);
  });

  test("syslog-to-elasticsearch: all but chatter is in the index of its month", async ({ skip }) => {
    if (missing !== null) return skip(missing);
    const port = await freePort();
    await start("syslog-to-elasticsearch", {
      ca,
      env: { ES_URL: url, ES_USER: username, ES_PASSWORD: password, LISTEN_PORT: String(port) },
    });
    const message = "<27>1 2026-11-21T09:20:22.000Z lab-a app 12 - - cannot reach the database";
    const debug = "<31>1 2026-11-21T09:20:23.000Z lab-a app 12 - - tick";
    // As rsyslog.conf says: over TCP, each message with its length.
    const socket = connect({ host: "127.0.0.1", port });
    cleanups.push(() => void socket.destroy());
    socket.write([message, debug].map((text) => `${text.length} ${text}`).join(""));
    await typeIn("syslog-to-elasticsearch", { "--port 5514": `--port ${port}` });
    const all = async () => documents("squall-syslog-*");
    await until(async () => (await all()).length === 2);
    expect(await documents("squall-syslog-2026.11")).toContainEqual({
      "@timestamp": "2026-11-21T09:20:22.000Z",
      host: { name: "lab-a" },
      process: { name: "app" },
      log: { level: "error" },
      message: "cannot reach the database",
      event: { dataset: "syslog" },
    });
    expect(await all()).toContainEqual(
      expect.objectContaining({ message: "I/O error, dev sda, sector 2048", process: { name: "kernel" } }),
    );
  });
});
