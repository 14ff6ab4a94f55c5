import type { JsonObject } from "../../core/json.ts";
import type { ActionPreset } from "./preset.ts";

const note = (title: string, priority: number, tag: string): JsonObject => ({
  body: {
    topic: "squall-change-me",
    title,
    message: "${event.payload.message ?? event.type | truncate(4000)}",
    priority,
    tags: [tag],
  },
});

export const ntfy: ActionPreset = {
  name: "ntfy",
  summary: "ntfy, notifications on phones and desktops, of ntfy.sh or a server of one's own.",
  executor: { options: { url: "https://ntfy.sh/", bearer: "${env:NTFY_TOKEN:-change-me}" } },
  firing: note("${event.payload.host ?? 'a host'}: trouble", 4, "warning"),
  resolve: note("${event.payload.host ?? 'a host'}: recovered", 2, "white_check_mark"),
  notes: [
    "Whoever knows a topic of a public server can read it: choose one that cannot be guessed, or protect it.",
    "`bearer` is an access token; take it out for topics without one. `priority` is 1 to 5, 3 is the default.",
    "JSON is posted to the server's root; it answers 200. A message past 4,096 bytes becomes an attachment.",
  ],
};
