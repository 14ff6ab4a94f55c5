/**
 * What a sender asks before and beside its documents, so that it believes that it talks to Elasticsearch: the handshake
 * of Beats (`/`, `/_license`, `/_xpack`), the templates, policies, pipelines, data streams and aliases that they put
 * and look for, and what Logstash, Fluent Bit, Vector and the official clients ask of a cluster's health and nodes.
 * What was put is there when it is asked for. Requests for documents are refused: none are kept.
 */
import { catTable } from "./cat.ts";
import { clusterBody, licenseBody, nodesBody, rootBody, xpackBody } from "./cluster-bodies.ts";
import { okReply, type EsReply } from "./es-reply.ts";
import { aliasAnswer, changeAliases, indexAnswer } from "./index-setup.ts";
import { ACKNOWLEDGED, SHARDS, unknown, wrongMethod, type SetupDeps, type SetupRequest } from "./setup-request.ts";
import { stored } from "./stored-things.ts";

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
        ? reading(method, request, () => okReply(clusterBody(second, deps.identity)))
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

const ilmStatus = (request: SetupRequest): EsReply =>
  request.segments[1] === "status" ? okReply({ operation_mode: "RUNNING" }) : unknown(request);

/** `/_data_stream/<name>/_lifecycle` and what else hangs on a data stream. */
const lifecycle = ({ method }: SetupRequest): EsReply =>
  method === "GET" || method === "HEAD" ? okReply({ data_streams: [] }) : ACKNOWLEDGED;
