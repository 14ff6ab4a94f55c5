/** `outbound:` of the settings, the environment's proxy below it and the executor's own over it. */
import { resolve } from "node:path";
import type { z } from "zod";
import type { OutboundSettings } from "../component/define-executor.ts";
import type { IssueSink } from "../core/diagnostic.ts";
import { readNamedFile } from "./option-files.ts";
import type { outboundSchema } from "./settings.ts";

/** As far as the settings say it: requests' own sizes are each executor's. */
export type Outbound = Pick<OutboundSettings, "proxy" | "noProxy" | "ca">;

export function outboundOfEnvironment(env: Readonly<Record<string, string | undefined>>, issues: IssueSink): Outbound {
  const text = env["HTTPS_PROXY"] ?? env["https_proxy"] ?? "";
  const proxy = text === "" || /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  // The value may hold a password, so it is not shown.
  if (proxy !== "" && (!/^https?:/i.test(proxy) || !URL.canParse(proxy))) {
    issues.error("bad-variable", "the variable HTTPS_PROXY is no URL of a proxy", {
      accepted: "http://HOST:PORT, https://HOST:PORT",
    });
    return {};
  }
  const noProxy = hostsOf(env["NO_PROXY"] ?? env["no_proxy"] ?? "");
  return proxy === "" ? {} : { proxy, ...(noProxy.length === 0 ? {} : { noProxy }) };
}

/** What is given goes over what is below. */
export function mergeOutbound(
  below: Outbound,
  { proxy, no_proxy: noProxy, ca_file: caFile }: z.output<typeof outboundSchema>,
  dir: string,
  issues: IssueSink,
): Outbound {
  const ca = caFile === undefined ? null : readNamedFile(resolve(dir, caFile), caFile, issues.at("ca_file"));
  return {
    ...below,
    ...(proxy === undefined ? {} : { proxy }),
    ...(noProxy === undefined ? {} : { noProxy: typeof noProxy === "string" ? hostsOf(noProxy) : noProxy }),
    ...(ca === null ? {} : { ca }),
  };
}

const hostsOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter((host) => host !== "");
