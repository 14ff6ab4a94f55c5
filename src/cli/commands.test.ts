import { Command } from "commander";
import { expect, test } from "vitest";
import { processHost } from "../app/host.ts";
import { commands } from "./commands.ts";

const host = processHost();

test.each(commands.names)("%s is listed under its own name, and has no other", async (name) => {
  const program = new Command();
  (await commands.load(name))!(program, { host, end: () => undefined });
  expect(program.commands.map((command) => [command.name(), command.aliases()])).toEqual([[name, []]]);
});
