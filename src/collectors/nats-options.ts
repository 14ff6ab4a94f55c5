import { z } from "zod";
import { secret } from "../component/secret.ts";
import { duration } from "../component/units.ts";

export const natsOptions = z
  .strictObject({
    servers: z
      .array(
        z.string().regex(/^[^@\s]+$/, {
          error: "no address of a server; accepted: HOST:PORT or nats://HOST:PORT; who logs in stands under auth",
        }),
      )
      .min(1)
      .describe("Addresses, `HOST:PORT` or `nats://…`; the first that answers is used."),
    subjects: z
      .array(z.string().min(1))
      .min(1)
      .describe("Subjects to read; `*` stands for one part, `>` for all that follow."),
    queue: z
      .string()
      .min(1)
      .optional()
      .describe("Queue group: instances of the same group divide the messages. Not with `jetstream`."),
    jetstream: z
      .strictObject({
        stream: z.string().min(1).describe("Name of the stream; it must be there."),
        durable: z
          .string()
          .regex(/^[A-Za-z0-9_-]+$/)
          .describe(
            "Name of the durable consumer, which is made when it is not there; instances that share it divide the messages.",
          ),
        from: z.enum(["all", "new"]).default("new").describe("Where a new consumer begins."),
        ack_wait: duration()
          .default(30_000)
          .describe("After this time without a sign of life the server sends a message again."),
        max_ack_pending: z.int().min(1).max(100_000).default(1000).describe("Messages in hand at once."),
      })
      .optional()
      .describe(
        "Read from a stream, with acknowledgements after the commit; without it messages are taken as they fly by.",
      ),
    auth: z
      .union([
        z.strictObject({
          username: z.string().min(1).describe("User name."),
          password: secret().describe("Password."),
        }),
        z.strictObject({ token: secret().describe("Token.") }),
        z.strictObject({ credentials_file: z.string().describe("File of user credentials (`.creds`).") }),
      ])
      .optional()
      .describe("How to log in: user name and password, a token, or a credentials file."),
    tls: z
      .strictObject({
        ca_file: z.string().optional().describe("PEM file of the authority that signed the server's certificate."),
        cert_file: z.string().optional().describe("PEM file of the client certificate."),
        key_file: z.string().optional().describe("PEM file of its private key."),
      })
      .optional()
      .describe("Use TLS; `{}` trusts the system's authorities."),
  })
  .refine(({ queue, jetstream }) => queue === undefined || jetstream === undefined, {
    path: ["queue"],
    error: "a queue group is of plain subjects; instances that share a jetstream durable divide its messages",
  });

export type NatsOptions = z.output<typeof natsOptions>;
