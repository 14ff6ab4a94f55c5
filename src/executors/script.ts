/**
 * Tornado's script executor: a program and its arguments, never a shell. Only files below the configured directories
 * are run, with nearly nothing in their environment; the payload stands on their standard input as JSON.
 */
import { z } from "zod";
import { defineExecutor, type ExecutorItem } from "../component/define-executor.ts";
import { secret } from "../component/secret.ts";
import { delivered, reject, retry, type Outcome } from "../core/delivery/outcome.ts";
import { printDuration } from "../core/duration.ts";
import { member, printJson, type Json } from "../core/json.ts";
import { findScript } from "./support/find-script.ts";
import { responseText, withAnswer } from "./support/http-outcome.ts";
import { readPayload } from "./support/read-payload.ts";
import { createRedactor, redactJson, type Redact } from "./support/redact.ts";
import { runProcess, type ProgramEnd } from "./support/run-process.ts";
import { readScriptCommand, type ScriptCommand } from "./support/script-arguments.ts";

const payloadSchema = z
  .looseObject({
    script: z
      .string()
      .regex(/\P{White_Space}/u, { error: "expected the name of a script" })
      .describe("The script and its first arguments, split on white space; there is no quoting and no shell."),
    args: z
      .unknown()
      .optional()
      .describe(
        "More arguments: a scalar is one; an array one per element; an object gives `--key value`, keys in order; null none.",
      ),
  })
  .describe("The whole payload is what the script reads on its standard input, so other keys may be added.");

export const script = defineExecutor({
  type: "script",
  summary: "Runs a script of the machine, without a shell.",
  options: z.strictObject({
    directories: z
      .array(z.string().min(1))
      .min(1)
      .default(["./scripts"])
      .describe(
        "Where scripts may lie, after following symbolic links; `./scripts` of the working directory without it.",
      ),
    environment: z
      .record(z.string().regex(/^[^=\0]+$/, { error: "expected the name of a variable" }), secret())
      .default({})
      .describe(
        "Variables for the scripts, besides `PATH`, `LANG`, `SQUALL_DELIVERY`, `SQUALL_RULE` and `TRACEPARENT`.",
      ),
  }),
  payload: payloadSchema,
  code: {},
  guarantees:
    "At least once; a script that was broken off runs again. `SQUALL_DELIVERY` is the same at each repeat, so a script can know one.",
  examples: [
    {
      title: "Restart a service",
      options: { directories: ["/opt/squall/scripts"], environment: { API_TOKEN: "change-me" } },
      payload: { script: "restart-service.sh --quiet", args: { service: "spooler", host: "h1" } },
      request: {
        body: {
          command: ["restart-service.sh", "--quiet", "--host", "h1", "--service", "spooler"],
          stdin: { script: "restart-service.sh --quiet", args: { service: "spooler", host: "h1" } },
        },
      },
    },
  ],
  create({ directories, environment }, deps) {
    const { clock, logger, outbound } = deps;
    const redact = createRedactor([...Object.values(environment), ...(deps.secrets ?? [])]);
    const own = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value.reveal()]));

    const execute = async (item: ExecutorItem, { signal }: { readonly signal: AbortSignal }): Promise<Outcome> => {
      const readable = readPayload(payloadSchema, item.payload);
      if (!readable.ok) return readable.error;
      if (signal.aborted) return retry("the script was not started, the attempt was broken off");
      const command = commandOf(item)!; // the schema has seen to it
      if (command.ignored > 0) logger.warn({ rule: item.rulePath }, "args holds null, which gives no argument");
      const file = await findScript(command.program, directories);
      if (!file.ok) return (file.error.kind === "outside" ? reject : retry)(redact(file.error.message));
      const env = { ...BASE_ENVIRONMENT, ...variablesOf(item), ...own };
      const { args } = command;
      const program = { file: file.value, args, env, stdin: printJson(item.payload), timeoutMs: outbound.timeoutMs };
      const end = await runProcess(program, { clock, signal });
      const name = JSON.stringify(command.program);
      return end.ok ? outcomeOfEnd(name, end.value, outbound.timeoutMs, redact) : notStarted(name, end.error, redact);
    };
    return {
      execute,
      preview(item) {
        const command = commandOf(item);
        const stdin = redactJson(item.payload, redact);
        if (!command) return { body: { stdin } };
        return { body: { command: redactJson([command.program, ...command.args], redact), stdin } };
      },
    };
  },
});

const BASE_ENVIRONMENT = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" };

const variablesOf = ({ idempotencyKey, rulePath, traceparent }: ExecutorItem): Record<string, string> => ({
  SQUALL_DELIVERY: idempotencyKey,
  SQUALL_RULE: rulePath,
  ...(traceparent === null ? {} : { TRACEPARENT: traceparent }),
});

function commandOf({ payload }: ExecutorItem): ScriptCommand | undefined {
  const text: Json | undefined = member(payload, "script");
  return typeof text === "string" ? readScriptCommand(text, member(payload, "args")) : undefined;
}

function outcomeOfEnd(name: string, end: ProgramEnd, timeoutMs: number, redact: Redact): Outcome {
  if (end.stopped === null && end.status === 0) return delivered();
  const response = responseText(end.stderr, redact);
  const what =
    end.stopped === "aborted"
      ? "was broken off"
      : end.stopped === "timeout"
        ? `did not end within ${printDuration(timeoutMs)}`
        : end.status === null
          ? `was ended by ${end.signal}`
          : `ended with status ${end.status}`;
  return retry(withAnswer(redact(`the script ${name} ${what}`), response), { response });
}

/** Arguments that no program can be given are no better at the next attempt. */
function notStarted(name: string, { code, message }: NodeJS.ErrnoException, redact: Redact): Outcome {
  const reason = redact(`the script ${name} cannot be started: ${message}`);
  return code === "E2BIG" || code === "ERR_INVALID_ARG_VALUE" ? reject(reason) : retry(reason);
}
