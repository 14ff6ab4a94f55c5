/** The fields of a new issue, written as people would, put into the shape that Jira takes. */
import { z } from "zod";
import { isArray, isObject, type Json, type JsonObject, type MutableJsonObject } from "../../core/json.ts";
import { reject, type Outcome } from "../../core/delivery/outcome.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { cutText } from "./bounded-text.ts";
import { jiraText, type JiraVersion } from "./jira-api.ts";

const MAX_SUMMARY = 255;

const named = () => z.union([z.string().min(1), z.looseObject({})]);
/** Fields as the REST API takes them, with plain texts where it wants objects of one text. */
export const issueFields = () =>
  z.looseObject({
    project: named().optional().describe("Project, by its key or as an object."),
    issuetype: named().optional().describe("Type of the issue, by its name or as an object."),
    summary: z.string().min(1).optional().describe("Title; one line, cut to 255 characters."),
    description: z
      .union([z.string(), z.looseObject({})])
      .optional()
      .describe("Long text; with version 3 a text becomes a document of paragraphs."),
    priority: named().optional().describe("Priority, by its name or as an object."),
    components: z.array(named()).optional().describe("Components, by their names or as objects."),
    labels: z.array(z.string().min(1)).optional().describe("Labels besides the executor's own."),
  });

type Fields = z.output<ReturnType<typeof issueFields>>;

export interface NewIssue {
  /** What the issue is found again by. */
  readonly label: string;
  readonly version: JiraVersion;
}

/** A reject names the field that is missing. */
export function newIssue(
  own: Fields | undefined,
  standard: Fields,
  { label, version }: NewIssue,
): Result<JsonObject, Outcome> {
  // The schema lets JSON objects pass and nothing else.
  const given: JsonObject = { ...standard, ...own } as JsonObject;
  for (const name of ["project", "issuetype", "summary"])
    if (given[name] === undefined)
      return err(reject(`payload.fields.${name}: there is none, neither in the options nor in the payload`));
  const { summary, description, labels, components } = given;
  const sent: MutableJsonObject = { ...given };
  if (typeof summary === "string") sent["summary"] = cutText(summary.replace(/\s+/gu, " ").trim(), MAX_SUMMARY);
  for (const name of ["description", "environment"]) {
    const text = sent[name];
    if (typeof text === "string") sent[name] = jiraText(text, version);
  }
  if (description === "") delete sent["description"];
  sent["project"] = byName(given["project"]!, "key");
  for (const name of ["issuetype", "priority"]) {
    const value = given[name];
    if (value !== undefined) sent[name] = byName(value, "name");
  }
  if (isArray(components)) sent["components"] = components.map((one) => byName(one, "name"));
  const more = isArray(labels) ? labels.map((one) => String(one).replace(/\s+/gu, "_")) : [];
  sent["labels"] = [...more, label];
  return ok(sent);
}

const byName = (value: Json, key: "key" | "name"): Json => (isObject(value) ? value : { [key]: value });
