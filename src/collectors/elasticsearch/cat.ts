/** `/_cat/<table>`: columns of text, or objects with `format=json`. The few tables that senders look at. */
import type { JsonObject } from "../../core/json.ts";
import { aliasesOf } from "./catalogue.ts";
import { okReply, type EsReply } from "./es-reply.ts";
import type { SetupDeps, SetupRequest } from "./setup-request.ts";

type Row = Readonly<Record<string, string>>;

/** Undefined: there is no such table. */
export function catTable(request: SetupRequest, deps: SetupDeps): EsReply | undefined {
  const [, table = "", names] = request.segments;
  const rows = rowsOf(table, names, request.address, deps);
  if (!rows) return undefined;
  const asJson = request.query.get("format") === "json" || request.accept.startsWith("application/json");
  if (asJson) return okReply(rows as readonly JsonObject[]); // rows are objects of texts
  const heads = request.query.has("v") && request.query.get("v") !== "false" ? [Object.keys(rows[0] ?? {})] : [];
  const lines = [...heads, ...rows.map((row) => Object.values(row))].map((cells) => cells.join(" "));
  return okReply(lines.map((line) => `${line}\n`).join(""));
}

function rowsOf(
  table: string,
  names: string | undefined,
  address: string,
  { catalogue, identity, nowMs }: SetupDeps,
): readonly Row[] | undefined {
  switch (table) {
    case "health": {
      const seconds = Math.floor(nowMs() / 1000);
      const timestamp = new Date(nowMs()).toISOString().slice(11, 19);
      return [{ epoch: String(seconds), timestamp, cluster: identity.clusterName, status: "green", "node.total": "1" }];
    }
    case "nodes":
      return [{ ip: address.replace(/:\d+$/, ""), "node.role": "dim", master: "*", name: identity.nodeName }];
    case "indices":
      return catalogue
        .find("index", names)
        .map(([index]) => ({ health: "green", status: "open", index, pri: "1", rep: "0", "docs.count": "0" }));
    case "aliases":
      return aliasesOf(catalogue, undefined, names).map(({ alias, index }) => ({ alias, index }));
    case "templates":
      return [...catalogue.find("template", names), ...catalogue.find("index_template", names)].map(
        ([name, template]) => ({
          name,
          index_patterns: Array.isArray(template["index_patterns"])
            ? `[${template["index_patterns"].join(", ")}]`
            : "[]",
          order: "0",
        }),
      );
    default:
      return undefined;
  }
}
