/** Slack incoming webhooks, https://api.slack.com/messaging/webhooks; the address itself is the secret. */
import { z } from "zod";
import { defineExecutor } from "../component/define-executor.ts";
import { secret } from "../component/secret.ts";
import { createJsonPost } from "./support/json-post.ts";
import { readHttpUrl } from "./support/http-options.ts";

const block = z.looseObject({ type: z.string().describe("Kind of the block, such as `section`.") });

const payload = z
  .looseObject({
    text: z
      .string()
      .min(1)
      .max(40_000)
      .optional()
      .describe("Text of the message; of its notification when there are blocks."),
    blocks: z.array(block).min(1).max(50).optional().describe("Blocks of the Block Kit."),
    attachments: z.array(z.looseObject({})).min(1).optional().describe("Attachments of the older form."),
  })
  .refine((message) => message.text ?? message.blocks ?? message.attachments, {
    error: "expected text, blocks or attachments",
  });

export const slack = defineExecutor({
  type: "slack",
  summary: "Posts messages to a Slack channel through an incoming webhook.",
  options: z.strictObject({
    url: secret()
      .refine((url) => readHttpUrl(url.reveal()) !== undefined, { error: "no http or https URL" })
      .describe("Address of the incoming webhook; whoever knows it can post, so it is treated as a secret."),
  }),
  payload,
  code: {},
  defaults: { concurrency: 1, rate: { perSecond: 1, burst: 3 } },
  guarantees: "At least once; Slack does not know repeats, so a message whose answer got lost appears twice.",
  examples: [
    {
      title: "A line with a title",
      options: { url: "https://hooks.slack.com/services/change-me" },
      payload: {
        text: "Print Spooler stopped on h1",
        blocks: [{ type: "section", text: { type: "mrkdwn", text: "*Print Spooler* stopped on `h1`" } }],
      },
      request: {
        method: "POST",
        url: "https://hooks.slack.com/***",
        headers: { "content-type": "application/json", "idempotency-key": "9f86d081884c7d659a2feaa0c55ad015" },
        body: {
          text: "Print Spooler stopped on h1",
          blocks: [{ type: "section", text: { type: "mrkdwn", text: "*Print Spooler* stopped on `h1`" } }],
        },
      },
    },
  ],
  create(options, deps) {
    const url = readHttpUrl(options.url.reveal())!;
    // The host is no secret and helps to read messages; what follows it is, as a whole and the token at its end alone.
    const path = (url.pathname + url.search).slice(1);
    return createJsonPost({ url, secrets: [path, url.pathname.split("/").at(-1) ?? ""], payload }, deps);
  },
});
