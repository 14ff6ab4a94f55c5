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
    stdin: () => process.stdin,
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

const cpuMs = (): number => {
  const { user, system: kernel } = process.cpuUsage();
  return (user + kernel) / 1000;
};

process.on("message", (question: "cpu" | "stop" | { readonly parse: readonly string[] }) => {
  if (question === "cpu") {
    process.send!({ cpuMs: cpuMs() });
  } else if (typeof question === "object") {
    // The floor of batches: in this process, since it is as hot and as large as that of the subject.
    const before = cpuMs();
    for (const text of question.parse) JSON.parse(text);
    process.send!({ cpuMs: cpuMs() - before });
  } else if (question === "stop") {
    void Promise.all([app.stop(), bare.close()]).then(() => process.exit(0));
  }
});
process.send!({ squall: app.ingestUrl, bare: bareUrl });
