import type { JsonObject } from "../../core/json.ts";
import type { ActionPreset } from "./preset.ts";

const post = (text: string, colour: string): JsonObject => ({
  url: { secret: "url" },
  body: { username: "squall", attachments: [{ fallback: text, color: colour, text }] },
});

export const mattermost: ActionPreset = {
  name: "mattermost",
  summary: "Mattermost, through an incoming webhook.",
  executor: { secrets: { url: "${env:MATTERMOST_URL:-https://mattermost.example.com/hooks/change-me}" } },
  firing: post("${event.payload.message ?? event.type | truncate(4000)}", "#d24b4e"),
  resolve: post("Recovered: ${event.payload.host ?? 'a host' | truncate(4000)}", "#2e7d32"),
  notes: [
    "Integrations > Incoming Webhooks gives the URL, and the channel it posts to; whoever has it can post.",
    "It answers 200. `username` counts only where the server allows integrations to override it.",
    "A posted message cannot be changed through a webhook: the recovery is a message of its own.",
  ],
};
