/**
 * The process under measurement: it reads a whole topic, as a new group each time, with bare kafkajs or with the app over a
 * configuration folder, and answers how long that took. What it read is counted.
 */
import kafkajs from "kafkajs";
import { startApp } from "../../src/app/start-app.ts";
import { system } from "../../src/app/system.ts";

export type KafkaQuestion =
  | { readonly read: "bare"; readonly broker: string; readonly topic: string; readonly count: number }
  | { readonly read: "squall"; readonly dir: string; readonly marks: number }
  | "stop";

export interface KafkaAnswer {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const { Kafka, logLevel } = kafkajs;
const cpuMs = (): number => {
  const { user, system: kernel } = process.cpuUsage();
  return (user + kernel) / 1000;
};
/** Time and CPU from the first call to the second. */
function stopwatch() {
  let begun: { readonly wall: number; readonly cpu: number } | undefined;
  return {
    begin: () => void (begun ??= { wall: performance.now(), cpu: cpuMs() }),
    end: (): KafkaAnswer => ({ wallMs: performance.now() - begun!.wall, cpuMs: cpuMs() - begun!.cpu }),
  };
}
let groups = 0;

/** kafkajs as its documentation shows it, with the settings of the collector: parse every record, commit what was read. */
async function readBare({ broker, topic, count }: Extract<KafkaQuestion, { read: "bare" }>): Promise<KafkaAnswer> {
  const consumer = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).consumer({
    groupId: `bare-${process.pid}-${++groups}`,
    maxWaitTimeInMs: 250,
    maxBytes: 4 * 1024 * 1024,
    maxBytesPerPartition: 1024 * 1024,
  });
  const watch = stopwatch();
  let records = 0;
  const { promise, resolve } = Promise.withResolvers<KafkaAnswer>();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommitInterval: 250,
    partitionsConsumedConcurrently: 16,
    eachBatch: async ({ batch }) => {
      watch.begin();
      for (const { value } of batch.messages) JSON.parse(value!.toString());
      records += batch.messages.length;
      if (records === count) resolve(watch.end());
    },
  });
  const answer = await promise;
  await consumer.disconnect();
  return answer;
}

/** From the first mark in the log to the last. */
async function readSquall({ dir, marks }: Extract<KafkaQuestion, { read: "squall" }>): Promise<KafkaAnswer> {
  const watch = stopwatch();
  let seen = 0;
  const { promise, resolve } = Promise.withResolvers<KafkaAnswer>();
  const app = await startApp(
    { dir, set: ["ingest.port=0", "admin.port=0"] },
    {
      ...system,
      env: process.env,
      stdin: () => process.stdin,
      writeLog(text) {
        if (text.includes('"mark":"first"')) watch.begin();
        if (text.includes('"mark":"last"') && ++seen === marks) resolve(watch.end());
      },
      terminal: false,
      colour: false,
      onCrash: () => () => undefined,
      exit: (code) => process.exit(code),
    },
  );
  const answer = await promise;
  await app.stop();
  return answer;
}

process.on("message", (question: KafkaQuestion) => {
  if (question === "stop") process.exit(0);
  const reading = question.read === "bare" ? readBare(question) : readSquall(question);
  reading.then(
    (answer) => process.send!(answer),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.send!("ready");
