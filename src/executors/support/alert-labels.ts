/** Labels and annotations as Alertmanager takes them: names of letters, digits and `_`, values that are texts. */
import { err, ok, type Result } from "../../core/result.ts";

/** What becomes of other names. */
export type LabelNames = "sanitize" | "refuse" | "any";

type Given = Readonly<Record<string, string | number | bigint | boolean | null>>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Null and empty values are left out, as Alertmanager would; the error names what cannot be sent. */
export function readLabels(given: Given, names: LabelNames): Result<Readonly<Record<string, string>>, string> {
  const origin = new Map<string, string>();
  const labels: [string, string][] = [];
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === "") continue;
    const sent = names === "sanitize" ? sanitize(name) : name;
    if (sent === "") return err("there is one without a name");
    if (names === "refuse" && !NAME.test(sent))
      return err(`${JSON.stringify(name)} is no name; accepted: letters, digits and _, no digit first`);
    const other = origin.get(sent);
    if (other !== undefined)
      return err(`${JSON.stringify(other)} and ${JSON.stringify(name)} are both sent as ${sent}`);
    origin.set(sent, name);
    labels.push([sent, String(value)]);
  }
  return ok(Object.fromEntries(labels));
}

function sanitize(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9_]/gu, "_");
  return /^\d/.test(safe) ? `_${safe}` : safe;
}
