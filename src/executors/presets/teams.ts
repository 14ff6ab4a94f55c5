import type { JsonObject } from "../../core/json.ts";
import type { ActionPreset } from "./preset.ts";

const card = (title: string, colour: string): JsonObject => ({
  url: { secret: "url" },
  body: {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [
            { type: "TextBlock", size: "Large", weight: "Bolder", color: colour, wrap: true, text: title },
            { type: "TextBlock", wrap: true, text: "${event.payload.message ?? event.type | truncate(4000)}" },
          ],
        },
      },
    ],
  },
});

export const teams: ActionPreset = {
  name: "teams",
  summary: "Microsoft Teams, through the URL of a Workflows flow.",
  executor: { secrets: { url: "${env:TEAMS_URL:-https://teams.example.com/change-me}" } },
  firing: card("${event.payload.host ?? 'a host'}: trouble", "Attention"),
  resolve: card("${event.payload.host ?? 'a host'}: recovered", "Good"),
  notes: [
    'The flow "Post to a channel when a webhook request is received" gives the URL; whoever has it can post.',
    "It answers 202. A message may have about 28 KB; connectors and MessageCard are retired.",
    "A posted card cannot be changed: the recovery is a message of its own.",
  ],
};
