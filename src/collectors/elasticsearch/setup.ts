/**
 * What a sender asks before and beside its documents, so that it believes that it talks to Elasticsearch: the handshake
 * of Beats (`/`, `/_license`, `/_xpack`), the templates, policies, pipelines, data streams and aliases that they put
 * and look for, and what Logstash, Fluent Bit, Vector and the official clients ask of a cluster's health and nodes.
 * What was put is there when it is asked for. Requests for documents are refused: none are kept.
 */
import { isArray, isObject, member, type Json, type JsonObject } from "../../core/json.ts";
import { aliasesOf, setAlias, type Catalogue, type Kind } from "./catalogue.ts";
import { resolveIndexName } from "./date-math.ts";
import { errorReply, okReply, type EsReply } from "./es-reply.ts";
import { catTable } from "./cat.ts";

export interface SetupRequest {
  readonly method: string;
  readonly segments: readonly string[];
  /** Empty without a body. */
  readonly body: JsonObject;
  readonly query: URLSearchParams;
  readonly path: string;
  /** `Host` of the request: where clients that sniff are told to go. */
  readonly address: string;
  readonly accept: string;
}

export interface Identity {
  readonly clusterName: string;
  readonly version: string;
  readonly nodeName: string;
}

export interface SetupDeps {
  readonly catalogue: Catalogue;
  readonly identity: Identity;
  readonly nowMs: () => number;
}

/** Stands for an id that never changes, since nothing here does. */
const CLUSTER_UUID = "c3F1YWxsLWxvb2thbGlrZQ";
const NODE_ID = "c3F1YWxsLW5vZGUtMDAwMQ";
const LUCENE = "9.12.0";
const ACKNOWLEDGED = okReply({ acknowledged: true });
const SHARDS = { _shards: { total: 1, successful: 1, failed: 0 } };

export function answerSetup(request: SetupRequest, deps: SetupDeps): EsReply {
  const [first, second, third] = request.segments;
  const { method } = request;
  if (first === undefined) return reading(method, request, () => okReply(rootBody(deps.identity)));
  switch (first) {
    case "_license":
      return reading(method, request, () => okReply(licenseBody()));
    case "_xpack":
      return reading(method, request, () => okReply(second === "license" ? licenseBody() : xpackBody()));
    case "_cluster":
      return second === "health" || second === "settings" || second === "state"
        ? reading(method, request, () => okReply(clusterBody(second, deps)))
        : unknown(request);
    case "_nodes":
      return reading(method, request, () => okReply(nodesBody(request.address, deps.identity)));
    case "_cat":
      return reading(method, request, () => catTable(request, deps) ?? unknown(request));
    case "_ilm":
      return second === "policy" ? stored("policy", third, request, deps) : ilmStatus(request);
    case "_plugins":
    case "_opendistro":
      return second === "_ism" && third === "policies"
        ? stored("policy", request.segments[3], request, deps)
        : unknown(request);
    case "_index_template":
      return stored("index_template", second, request, deps);
    case "_component_template":
      return stored("component_template", second, request, deps);
    case "_template":
      return stored("template", second, request, deps);
    case "_ingest":
      return second === "pipeline" ? stored("pipeline", third, request, deps) : unknown(request);
    case "_data_stream":
      return third === undefined ? stored("data_stream", second, request, deps) : lifecycle(request);
    case "_alias":
    case "_aliases":
      return first === "_aliases" && method === "POST"
        ? changeAliases(request, deps)
        : aliasAnswer(undefined, second, request, deps);
    case "_refresh":
    case "_flush":
      return okReply(SHARDS);
    case "_mapping":
    case "_settings":
    case "_all":
      return method === "GET" || method === "HEAD" ? okReply({}) : ACKNOWLEDGED;
    default:
      return first.startsWith("_") ? unknown(request) : indexAnswer(first, request, deps);
  }
}

const reading = (method: string, { path }: SetupRequest, answer: () => EsReply): EsReply =>
  method === "GET" || method === "HEAD" ? answer() : wrongMethod(method, path, ["GET", "HEAD"]);

function unknown({ method, path, segments }: SetupRequest): EsReply {
  const last = segments.at(-1) ?? "";
  if (READS.has(last))
    return errorReply(400, "unsupported_operation_exception", `no documents are kept here, so ${last} finds none`);
  return errorReply(
    400,
    "illegal_argument_exception",
    `no handler found for uri [${path.slice(0, 200)}] and method [${method}]`,
  );
}

const READS = new Set(["_search", "_count", "_msearch", "_mget", "_scroll", "_pit", "_sql", "_query", "_reindex"]);

const wrongMethod = (method: string, path: string, allowed: readonly string[]): EsReply => ({
  ...errorReply(
    405,
    "method_not_allowed_exception",
    `Incorrect HTTP method for uri [${path.slice(0, 200)}] and method [${method}], allowed: [${allowed.join(", ")}]`,
  ),
  headers: { allow: allowed.join(", ") },
});

const rootBody = ({ nodeName, clusterName, version }: Identity): JsonObject => ({
  name: nodeName,
  cluster_name: clusterName,
  cluster_uuid: CLUSTER_UUID,
  version: {
    number: version,
    build_flavor: "default",
    build_type: "zip",
    build_hash: "0000000000000000000000000000000000000000",
    build_date: "2025-01-01T00:00:00.000Z",
    build_snapshot: false,
    lucene_version: LUCENE,
    minimum_wire_compatibility_version: "7.17.0",
    minimum_index_compatibility_version: "7.0.0",
  },
  tagline: "You Know, for Search",
});

/** Beats send nothing to a server without an active license. */
const licenseBody = (): JsonObject => ({
  license: {
    status: "active",
    uid: CLUSTER_UUID,
    type: "basic",
    issue_date: "2025-01-01T00:00:00.000Z",
    issue_date_in_millis: 1_735_689_600_000,
    max_nodes: 1000,
    issued_to: "squall",
    issuer: "elasticsearch",
    start_date_in_millis: -1,
  },
});

function xpackBody(): JsonObject {
  const on = { available: true, enabled: true };
  return {
    build: { hash: "0000000000000000000000000000000000000000", date: "2025-01-01T00:00:00.000Z" },
    license: { uid: CLUSTER_UUID, type: "basic", mode: "basic", status: "active" },
    features: { ilm: on, data_streams: on, monitoring: on, security: on, data_tiers: on },
    tagline: "You know, for X",
  };
}

function clusterBody(what: string, { identity }: SetupDeps): JsonObject {
  if (what === "settings") return { persistent: {}, transient: {} };
  if (what === "state") return { cluster_name: identity.clusterName, cluster_uuid: CLUSTER_UUID, master_node: NODE_ID };
  return {
    cluster_name: identity.clusterName,
    status: "green",
    timed_out: false,
    number_of_nodes: 1,
    number_of_data_nodes: 1,
    active_primary_shards: 1,
    active_shards: 1,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: 0,
    delayed_unassigned_shards: 0,
    number_of_pending_tasks: 0,
    number_of_in_flight_fetch: 0,
    task_max_waiting_in_queue_millis: 0,
    active_shards_percent_as_number: 100,
  };
}

/** A client that sniffs finds one node: where it already is. */
const nodesBody = (address: string, { nodeName, clusterName, version }: Identity): JsonObject => ({
  _nodes: { total: 1, successful: 1, failed: 0 },
  cluster_name: clusterName,
  nodes: {
    [NODE_ID]: {
      name: nodeName,
      transport_address: address,
      host: address.replace(/:\d+$/, ""),
      ip: address.replace(/:\d+$/, ""),
      version,
      build_flavor: "default",
      build_type: "zip",
      build_hash: "0000000000000000000000000000000000000000",
      roles: ["data", "ingest", "master"],
      attributes: {},
      http: { bound_address: [address], publish_address: address, max_content_length_in_bytes: 104_857_600 },
    },
  },
});

const ilmStatus = (request: SetupRequest): EsReply =>
  request.segments[1] === "status" ? okReply({ operation_mode: "RUNNING" }) : unknown(request);

/** `/_data_stream/<name>/_lifecycle` and what else hangs on a data stream. */
const lifecycle = ({ method }: SetupRequest): EsReply =>
  method === "GET" || method === "HEAD" ? okReply({ data_streams: [] }) : ACKNOWLEDGED;

/** GET, HEAD, PUT, POST and DELETE of a thing with a name. */
function stored(kind: Kind, name: string | undefined, request: SetupRequest, deps: SetupDeps): EsReply {
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

function missing(kind: Kind, name: string): EsReply {
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

/** `/<index>` and what follows it, but for documents. */
function indexAnswer(given: string, request: SetupRequest, deps: SetupDeps): EsReply {
  const { method, segments, body, path } = request;
  const { catalogue } = deps;
  const name = resolveIndexName(given, deps.nowMs());
  const [, verb, third] = segments;
  switch (verb) {
    case undefined:
      break;
    case "_alias":
    case "_aliases":
      return aliasAnswer(name, third, request, deps);
    case "_mapping":
    case "_mappings":
    case "_settings":
      return method === "GET" || method === "HEAD" ? okReply({ [name]: {} }) : ACKNOWLEDGED;
    case "_refresh":
    case "_flush":
    case "_forcemerge":
      return okReply(SHARDS);
    case "_rollover":
      return okReply({ acknowledged: true, shards_acknowledged: true, rolled_over: false, dry_run: false });
    case "_doc":
    case "_source":
      return { status: 404, body: { _index: name, _id: third ?? "", found: false } };
    default:
      return unknown(request);
  }
  switch (method) {
    case "HEAD":
    case "GET": {
      const found = catalogue.find("index", name);
      const behind = aliasesOf(catalogue, undefined, name).map(({ index }) => index);
      const all = new Map([...found, ...behind.flatMap((index) => catalogue.find("index", index))]);
      if (all.size === 0 && catalogue.find("data_stream", name).length === 0) return missing("index", name);
      return okReply(
        Object.fromEntries(
          [...all].map(([index, value]) => [index, { aliases: {}, mappings: {}, settings: {}, ...value }]),
        ),
      );
    }
    case "PUT":
      if (catalogue.find("index", name).length > 0)
        return errorReply(400, "resource_already_exists_exception", `index [${name}] already exists`);
      catalogue.put("index", name, body);
      return okReply({ acknowledged: true, shards_acknowledged: true, index: name });
    case "DELETE":
      return catalogue.remove("index", name) ? ACKNOWLEDGED : missing("index", name);
    default:
      return wrongMethod(method, path, ["GET", "HEAD", "PUT", "DELETE"]);
  }
}

function aliasAnswer(
  index: string | undefined,
  alias: string | undefined,
  request: SetupRequest,
  { catalogue }: SetupDeps,
): EsReply {
  const { method, body, path } = request;
  if (method === "GET" || method === "HEAD") {
    const found = aliasesOf(catalogue, index, alias);
    if (found.length === 0 && alias !== undefined)
      return { status: 404, body: { error: `alias [${alias.slice(0, 200)}] missing`, status: 404 } };
    const byIndex = new Map<string, JsonObject>();
    for (const each of found) byIndex.set(each.index, { ...byIndex.get(each.index), [each.alias]: each.properties });
    return okReply(Object.fromEntries([...byIndex].map(([name, aliases]) => [name, { aliases }])));
  }
  if (index === undefined || alias === undefined) return wrongMethod(method, path, ["GET", "HEAD"]);
  if (method === "DELETE") setAlias(catalogue, index, alias, null);
  else setAlias(catalogue, index, alias, body);
  return ACKNOWLEDGED;
}

/** `{actions: [{add: {index, alias, …}}, {remove: {index, alias}}]}` */
function changeAliases({ body }: SetupRequest, { catalogue }: SetupDeps): EsReply {
  const actions = member(body, "actions");
  if (!isArray(actions)) return errorReply(400, "action_request_validation_exception", "actions are missing");
  for (const action of actions) {
    if (!isObject(action)) continue;
    for (const [verb, change] of Object.entries(action)) {
      if (!isObject(change)) continue;
      const { index, alias, ...properties } = change;
      if (typeof index !== "string" || typeof alias !== "string") continue;
      setAlias(catalogue, index, alias, verb === "remove" ? null : properties);
    }
  }
  return ACKNOWLEDGED;
}
