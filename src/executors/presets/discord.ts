import type { JsonObject } from "../../core/json.ts";
import type { ActionPreset } from "./preset.ts";

const message = (content: string): JsonObject => ({
  url: { secret: "url" },
  // Names in an event must not call anybody.
  body: { content, allowed_mentions: { parse: [] } },
});

export const discord: ActionPreset = {
  name: "discord",
  summary: "Discord, through a channel's webhook.",
  executor: {
    secrets: { url: "${env:DISCORD_URL:-https://discord.com/api/webhooks/1/change-me}" },
    rate: { per_second: 0.5, burst: 5 },
  },
  firing: message("${event.payload.message ?? event.type | truncate(2000)}"),
  resolve: message("Recovered: ${event.payload.host ?? 'a host' | truncate(1900)}"),
  notes: [
    "The channel's settings > Integrations > Webhooks give the URL; whoever has it can post.",
    "It answers 204, and 429 with Retry-After past about 30 messages a minute. A text may have 2,000 characters.",
    "A recovery is a message of its own: a sent one is changed only under the id that the answer to it tells.",
  ],
};
