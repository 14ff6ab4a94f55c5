import { discord } from "./discord.ts";
import { mattermost } from "./mattermost.ts";
import { ntfy } from "./ntfy.ts";
import type { ActionPreset } from "./preset.ts";
import { servicenow } from "./servicenow.ts";
import { teams } from "./teams.ts";
import { telegram } from "./telegram.ts";

/** Every preset; a new one is its file and a line here. */
export const presets: readonly ActionPreset[] = [teams, telegram, mattermost, servicenow, discord, ntfy];
