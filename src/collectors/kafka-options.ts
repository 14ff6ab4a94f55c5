import { z } from "zod";
import { kafkaConnectionOptions } from "../component/support/kafka-connection.ts";
import { duration } from "../component/units.ts";
import { compileRegex } from "../core/regex/compile-regex.ts";
import { DEFAULT_REGEX_LIMITS } from "../core/regex/regex.ts";

export const kafkaOptions = z
  .strictObject({
    ...kafkaConnectionOptions,
    topics: z.array(z.string().min(1)).min(1).optional().describe("Topics to read."),
    topic_pattern: z
      .string()
      .min(1)
      .optional()
      .describe("Regular expression; topics whose names it finds are read too, new ones as they appear."),
    group_id: z.string().min(1).describe("Consumer group; instances of the same group divide the partitions."),
    from: z
      .enum(["earliest", "latest"])
      .default("latest")
      .describe("Where a partition begins that the group has not read yet."),
    value: z
      .enum(["json", "text"])
      .default("json")
      .describe("What a record's value is; `text` goes to the normalizer as one string."),
    session_timeout: duration()
      .default(10_000)
      .describe("After this time without a sign of life the group gives the partitions to others."),
    refresh: duration().default(30_000).describe("How often topics and lag are looked up."),
  })
  .superRefine((options, context) => {
    const issue = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
    if (options.topics === undefined && options.topic_pattern === undefined)
      issue("topics", "no topic is named; accepted: topics, topic_pattern or both");
    const pattern =
      options.topic_pattern === undefined ? null : compileRegex(options.topic_pattern, DEFAULT_REGEX_LIMITS);
    if (pattern && !pattern.ok) issue("topic_pattern", `${pattern.error.message} at offset ${pattern.error.offset}`);
  });

export type KafkaOptions = z.output<typeof kafkaOptions>;
