/**
 * Which requests that bring no document go through a tee. With the sender's own credentials all may: the cluster decides.
 * With other credentials nothing does but what shippers need, lest a sender read, change or delete with them what it
 * could not by itself.
 */
export function mayPass(method: string, segments: readonly string[], ownCredentials: boolean): boolean {
  if (ownCredentials) return true;
  const [first, second] = segments;
  const reads = method === "GET" || method === "HEAD";
  if (first === undefined || READ.has(first)) return reads;
  if (PUT.has(first)) return reads || method === "PUT";
  const isIndex = !first.startsWith("_") && (second === undefined || second === "_alias");
  return isIndex && (reads || method === "PUT");
}

const READ = new Set(["_license", "_xpack", "_cluster", "_nodes", "_cat", "_alias"]);
const PUT = new Set([
  "_ilm",
  "_plugins",
  "_opendistro",
  "_index_template",
  "_component_template",
  "_template",
  "_ingest",
  "_data_stream",
]);
