/** What a cluster of one healthy node says about itself. Beats send nothing to one that says less. */
import type { JsonObject } from "../../core/json.ts";
import type { Identity } from "./setup-request.ts";

/** Stands for an id that never changes, since nothing here does. */
const CLUSTER_UUID = "c3F1YWxsLWxvb2thbGlrZQ";
const NODE_ID = "c3F1YWxsLW5vZGUtMDAwMQ";
const LUCENE = "9.12.0";

export const rootBody = ({ nodeName, clusterName, version }: Identity): JsonObject => ({
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
export const licenseBody = (): JsonObject => ({
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

export function xpackBody(): JsonObject {
  const on = { available: true, enabled: true };
  return {
    build: { hash: "0000000000000000000000000000000000000000", date: "2025-01-01T00:00:00.000Z" },
    license: { uid: CLUSTER_UUID, type: "basic", mode: "basic", status: "active" },
    features: { ilm: on, data_streams: on, monitoring: on, security: on, data_tiers: on },
    tagline: "You know, for X",
  };
}

export function clusterBody(what: string, identity: Identity): JsonObject {
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
export const nodesBody = (address: string, { nodeName, clusterName, version }: Identity): JsonObject => ({
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
