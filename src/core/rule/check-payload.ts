/**
 * Literal values of a payload against the executor's schema, at load. What a placeholder stands for is not known yet, so
 * complaints about it are dropped, as are those about an object or array as a whole when part of it is a placeholder,
 * except for its type and its keys.
 */
import type { IssueSink } from "../diagnostic.ts";
import { setMember, type Json, type MutableJsonObject } from "../json.ts";
import type { ActionTarget } from "./action-catalog.ts";
import { isDynamic, type PayloadNode } from "./payload.ts";
import { found } from "./strict-object.ts";

export function checkPayload(payload: PayloadNode, target: ActionTarget, issues: IssueSink): void {
  const sent = sample(payload);
  const checked = target.payload.safeParse(sent);
  if (checked.success) return;
  for (const issue of checked.error.issues) {
    if (!concernsLiterals(payload, issue)) continue;
    const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
    const present = presentPath(payload, path);
    const missing = path.slice(present.length).join(".");
    const message = lowerFirst(issue.message);
    issues
      .at(...present)
      .error(
        "bad-payload",
        missing === ""
          ? `the ${target.type} executor refuses ${found(valueAt(sent, path))}: ${message}`
          : `the ${target.type} executor needs ${missing}: ${message}`,
      );
  }
}

type SchemaIssue = NonNullable<ReturnType<ActionTarget["payload"]["safeParse"]>["error"]>["issues"][number];

const PLACEHOLDER = "placeholder";

function sample(node: PayloadNode): Json {
  switch (node.kind) {
    case "constant":
      return typeof node.value === "bigint" ? Number(node.value) : node.value; // schemas know numbers only
    case "array":
      return node.items.map(sample);
    case "object": {
      const object: MutableJsonObject = {};
      for (const [key, child] of node.members) setMember(object, key, sample(child));
      return object;
    }
    default:
      return PLACEHOLDER;
  }
}

/** About the parts themselves, whatever the placeholders inside become. */
const OF_CONTAINERS = ["invalid_type", "unrecognized_keys"];

function concernsLiterals(payload: PayloadNode, issue: SchemaIssue): boolean {
  let node: PayloadNode | undefined = payload;
  for (const step of issue.path) {
    if (node.kind === "array") node = node.items[Number(step)];
    else if (node.kind === "object") node = node.members.find(([key]) => key === step)?.[1];
    else return node.kind === "constant";
    if (node === undefined) return true;
  }
  if (node.kind === "array" || node.kind === "object") return !isDynamic(node) || OF_CONTAINERS.includes(issue.code);
  return node.kind === "constant";
}

/** As much of the path as exists in the document, so that the message can point at it. */
function presentPath(payload: PayloadNode, path: readonly (string | number)[]): (string | number)[] {
  const present: (string | number)[] = [];
  let node: PayloadNode | undefined = payload;
  for (const step of path) {
    if (node?.kind === "array") node = node.items[Number(step)];
    else if (node?.kind === "object") node = node.members.find(([key]) => key === step)?.[1];
    else return present;
    if (node === undefined) return present;
    present.push(step);
  }
  return present;
}

const valueAt = (value: Json, path: readonly (string | number)[]): Json | undefined =>
  path.reduce<Json | undefined>((at, step) => (at as Record<string | number, Json> | undefined)?.[step], value); // the schema walked it

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
