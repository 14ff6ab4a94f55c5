/** Templates, policies, pipelines and data streams: put, asked for, taken away. */
import { member, type Json, type JsonObject } from "../../core/json.ts";
import type { Kind } from "./catalogue.ts";
import { errorReply, okReply, type EsReply } from "./es-reply.ts";
import { ACKNOWLEDGED, wrongMethod, type SetupDeps, type SetupRequest } from "./setup-request.ts";

/** GET, HEAD, PUT, POST and DELETE of a thing with a name. */
export function stored(kind: Kind, name: string | undefined, request: SetupRequest, deps: SetupDeps): EsReply {
  const { method, body, path } = request;
  const { catalogue } = deps;
  switch (method) {
    case "GET":
    case "HEAD": {
      const found = catalogue.find(kind, name);
      if (found.length === 0 && name !== undefined && !name.includes("*")) return missing(kind, name);
      return okReply(listOf(kind, found, deps.nowMs()));
    }
    case "PUT":
    case "POST":
      if (name === undefined) return wrongMethod(method, path, ["GET", "HEAD"]);
      catalogue.put(kind, name, body);
      return request.segments[0]!.startsWith("_plugins") || request.segments[0]!.startsWith("_opendistro")
        ? { status: 201, body: { _id: name, _version: 1, _primary_term: 1, _seq_no: 0, ...body } }
        : ACKNOWLEDGED;
    case "DELETE":
      return name !== undefined && catalogue.remove(kind, name) ? ACKNOWLEDGED : missing(kind, name ?? "");
    default:
      return wrongMethod(method, path, ["GET", "HEAD", "PUT", "POST", "DELETE"]);
  }
}

const WORDS: Readonly<Record<Kind, string>> = {
  policy: "Lifecycle policy not found: ",
  index_template: "index template matching not found: ",
  component_template: "component template matching not found: ",
  template: "index_template missing: ",
  pipeline: "pipeline missing: ",
  data_stream: "no such data stream: ",
  index: "no such index: ",
};

export function missing(kind: Kind, name: string): EsReply {
  // These two answer with an empty object, and clients look for that.
  if (kind === "template" || kind === "pipeline") return { status: 404, body: {} };
  const type =
    kind === "index" || kind === "data_stream" ? "index_not_found_exception" : "resource_not_found_exception";
  return errorReply(404, type, `${WORDS[kind]}[${name.slice(0, 200)}]`);
}

function listOf(kind: Kind, found: readonly (readonly [string, JsonObject])[], nowMs: number): JsonObject {
  const named = (make: (value: JsonObject) => Json): JsonObject =>
    Object.fromEntries(found.map(([name, value]) => [name, make(value)]));
  const listed = (key: string): Json => found.map(([name, value]) => ({ name, [key]: value }));
  switch (kind) {
    case "policy":
      return named((value) => ({
        version: 1,
        modified_date: new Date(nowMs).toISOString(),
        policy: member(value, "policy") ?? {},
      }));
    case "index_template":
      return { index_templates: listed("index_template") };
    case "component_template":
      return { component_templates: listed("component_template") };
    case "data_stream":
      return {
        data_streams: found.map(([name]) => ({
          name,
          timestamp_field: { name: "@timestamp" },
          indices: [],
          generation: 1,
          status: "GREEN",
          template: name,
        })),
      };
    default:
      return named((value) => value);
  }
}
