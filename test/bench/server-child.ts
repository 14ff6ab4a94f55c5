/**
 * The process under measurement: the whole app and, beside it, bare fastify that parses the body and answers 200.
 * Started by fork with the configuration folder as argument; answers its parent how much CPU it has used.
 */
import fastify from "fastify";
import { startApp } from "../../src/app/start-app.ts";
import { system } from "../../src/app/system.ts";

const app = await startApp(
  { dir: process.argv[2]!, set: ["ingest.port=0", "admin.port=0"] },
  {
    ...system,
    env: process.env,
    writeLog: (text) => void process.stderr.write(text),
    terminal: false,
    colour: false,
    onCrash: () => () => undefined,
    exit: (code) => process.exit(code),
  },
);

const bare = fastify({ bodyLimit: 32 * 1024 * 1024 });
bare.removeAllContentTypeParsers();
bare.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
  done(null, JSON.parse(body.toString()));
});
bare.post("/event/in", async () => ({ accepted: 1, rejected: [] }));
const bareUrl = await bare.listen({ host: "127.0.0.1", port: 0 });

process.on("message", (question) => {
  if (question === "cpu") {
    const { user, system: kernel } = process.cpuUsage();
    process.send!({ cpuMs: (user + kernel) / 1000 });
  } else if (question === "stop") {
    void Promise.all([app.stop(), bare.close()]).then(() => process.exit(0));
  }
});
process.send!({ squall: app.ingestUrl, bare: bareUrl });
