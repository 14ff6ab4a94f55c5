/** A real Icinga 2 tells of an acknowledgement, also after it was restarted; wrong credentials are told in `/health`. */
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { Agent, request } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type App, startApp } from "../../src/app/start-app.ts";
import { system } from "../../src/app/system.ts";
import { sinkServer, type SinkServer } from "../kit/sink-server.ts";
import { configFolder, until } from "../kit/squall-process.ts";
import { startService } from "../services/service.ts";

const service = await startService("icinga2");

describe.skipIf(service.missing)("icinga2 collector", () => {
  const { url = "", ca = "", admin = "", readonly = "" } = service.info;
  const [username = "", password = ""] = readonly.split(":");
  const agent = new Agent({ connect: ca === "" ? {} : { ca: readFileSync(ca) } });
  let sink: SinkServer;
  let folder: ReturnType<typeof configFolder> | undefined;
  let app: App | undefined;

  beforeAll(async () => void (sink = await sinkServer()));
  afterEach(async () => {
    await app?.stop();
    folder?.remove();
  });
  afterAll(async () => {
    await sink.close();
    await agent.close();
    await service.remove();
  });

  const action = async (name: string, body: object): Promise<void> => {
    const { statusCode, body: answer } = await agent.request({
      origin: url,
      path: `/v1/actions/${name}`,
      method: "POST",
      headers: { accept: "application/json", authorization: `Basic ${Buffer.from(admin).toString("base64")}` },
      body: JSON.stringify({ type: "Service", service: "h1!disk", ...body }),
    });
    expect([statusCode, await answer.text()]).toEqual([200, expect.anything()]);
  };
  const acknowledge = async (comment: string): Promise<void> => {
    await action("process-check-result", { exit_status: 2, plugin_output: "full" });
    await action("acknowledge-problem", { author: "op", comment });
    await action("remove-acknowledgement", {});
  };
  const arrived = (): readonly unknown[] => sink.received.map(({ body }) => JSON.parse(body) as unknown);

  async function start(secret: string): Promise<void> {
    folder = configFolder({
      "config/squall.yaml": { ingest: { port: 0 }, admin: { port: 0 }, executors: { sink: { type: "webhook" } } },
      "collectors/mon.yaml": { id: "mon", type: "icinga2", url, username, password: secret, ca_file: ca },
      "rules/acks/010_ack.yaml": {
        constraint: { WHERE: { type: "equals", first: "${event.payload.type}", second: "AcknowledgementSet" } },
        actions: [
          {
            id: "sink",
            payload: {
              url: `${sink.url}/a`,
              body: {
                service: "${event.payload.host}!${event.payload.service}",
                by: "${event.payload.author}",
                text: "${event.payload.comment}",
              },
            },
          },
        ],
      },
    });
    const deps = { env: {}, writeLog: () => undefined, terminal: false, colour: false, onCrash: () => () => undefined };
    app = await startApp(
      { dir: folder.dir, set: [] },
      { ...system, ...deps, stdin: () => Readable.from([]), exit: () => undefined },
    );
  }
  const health = async (): Promise<readonly { code: string; subject: string; message: string }[]> => {
    const { body } = await request(`${app!.adminUrl}/health`);
    return ((await body.json()) as { reasons: { code: string; subject: string; message: string }[] }).reasons;
  };

  test("an acknowledgement made there arrives as an event, and again after it was restarted", async () => {
    await start(password);
    // The stream is open some time after the start; what was told before is not seen.
    await until(async () => {
      await acknowledge("on it");
      return arrived().length > 0;
    });
    expect(arrived()[0]).toEqual({ service: "h1!disk", by: "op", text: "on it" });
    await service.stop();
    await until(async () => (await health()).some(({ subject }) => subject === "collector:mon"));
    await service.start();
    await until(async () => (await health()).every(({ subject }) => subject !== "collector:mon"));
    await acknowledge("again");
    await until(() => JSON.stringify(arrived()).includes("again"));
  });

  test("wrong credentials are told, and nothing else is disturbed", async () => {
    await start("wrong");
    await until(async () => (await health()).some(({ code }) => code === "unauthorized"));
    expect(await health()).toEqual([
      expect.objectContaining({
        subject: "collector:mon",
        code: "unauthorized",
        message: expect.stringContaining("answered 401"),
      }),
    ]);
  });
});
