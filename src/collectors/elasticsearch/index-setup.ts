/** Indexes and their aliases. */
import { isArray, isObject, member, type JsonObject } from "../../core/json.ts";
import { aliasesOf, setAlias } from "./catalogue.ts";
import { resolveIndexName } from "./date-math.ts";
import { errorReply, okReply, type EsReply } from "./es-reply.ts";
import { ACKNOWLEDGED, SHARDS, unknown, wrongMethod, type SetupDeps, type SetupRequest } from "./setup-request.ts";
import { missing } from "./stored-things.ts";

/** `/<index>` and what follows it, but for documents. */
export function indexAnswer(given: string, request: SetupRequest, deps: SetupDeps): EsReply {
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

export function aliasAnswer(
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
export function changeAliases({ body }: SetupRequest, { catalogue }: SetupDeps): EsReply {
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
