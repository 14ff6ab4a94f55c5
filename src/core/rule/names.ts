import type { IssueSink } from "../diagnostic.ts";
import { found } from "./strict-object.ts";
import type { Json } from "../json.ts";

const NAME = /^[a-zA-Z0-9_]+$/;

/** A name of what is said, such as "a rule"; undefined after it was reported. */
export function checkName(what: string, name: Json | undefined, issues: IssueSink): string | undefined {
  if (typeof name !== "string") {
    if (name !== undefined) issues.error("wrong-type", `${found(name)} where the name of ${what} is expected`);
    return undefined;
  }
  if (NAME.test(name)) return name;
  issues.error("bad-name", `${JSON.stringify(name)} is no name of ${what}`, {
    accepted: "letters a-z A-Z, digits and _",
  });
  return undefined;
}
