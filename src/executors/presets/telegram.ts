import type { JsonObject } from "../../core/json.ts";
import type { ActionPreset } from "./preset.ts";

const message = (text: string): JsonObject => ({
  url: { secret: "url" },
  body: { chat_id: "-1001234567890", text, link_preview_options: { is_disabled: true } },
});

export const telegram: ActionPreset = {
  name: "telegram",
  summary: "Telegram, a bot that writes into a chat.",
  executor: {
    secrets: { url: "https://api.telegram.org/bot${env:TELEGRAM_TOKEN:-change-me}/sendMessage" },
    rate: { per_second: 1, burst: 5 },
    order_by: "${payload.body.chat_id}",
  },
  firing: message("${event.payload.message ?? event.type | truncate(4096)}"),
  resolve: message("Recovered: ${event.payload.host ?? 'a host' | truncate(4000)}"),
  notes: [
    "@BotFather gives the token; the bot must be a member of the chat. The id of a group is negative.",
    "A text may have 4,096 characters. Without parse_mode nothing in it is taken as markup.",
    "A recovery is a message of its own: a sent one is changed only under the id that the answer to it tells.",
  ],
};
