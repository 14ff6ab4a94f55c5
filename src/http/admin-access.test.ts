import { expect, test } from "vitest";
import { AppError } from "../component/app-error.ts";
import { type AccessRules, type Asker, checkAccess, hashToken } from "./admin-access.ts";
import type { Access } from "./contract/endpoint.ts";

const rules = {
  tokenHashes: [hashToken("admin-token"), hashToken("session-token")],
  metricsTokenHash: hashToken("scrape-token"),
  allowedHosts: ["localhost"],
};
const here: Asker = {
  authorization: undefined,
  host: "localhost:8081",
  origin: undefined,
  remoteAddress: "127.0.0.1",
  localAddress: "127.0.0.1",
  certified: false,
};
const away: Asker = { ...here, host: "10.0.0.5:8081", remoteAddress: "10.0.0.9", localAddress: "10.0.0.5" };
const admin = { authorization: "Bearer admin-token" };

const rows: [string, Access, Asker, "ok" | "unauthorized" | "forbidden"][] = [
  ["probe by anyone", "open", { ...away, host: "whatever" }, "ok"],
  ["health on loopback without a token", "loopback", here, "ok"],
  [
    "health on IPv6 loopback",
    "loopback",
    { ...here, host: "[::1]:8081", remoteAddress: "::1", localAddress: "::1" },
    "ok",
  ],
  ["health on mapped loopback", "loopback", { ...here, remoteAddress: "::ffff:127.0.0.1" }, "ok"],
  ["health from away without a token", "loopback", away, "unauthorized"],
  ["health from away with a token", "loopback", { ...away, ...admin }, "ok"],
  ["health on loopback with a wrong token", "loopback", { ...here, authorization: "Bearer x" }, "unauthorized"],
  ["metrics on loopback without a token", "metrics", here, "ok"],
  ["metrics from away without a token", "metrics", away, "unauthorized"],
  ["metrics with their token", "metrics", { ...away, authorization: "Bearer scrape-token" }, "ok"],
  ["metrics with the admin token", "metrics", { ...away, ...admin }, "ok"],
  [
    "health with the token of the metrics",
    "loopback",
    { ...away, authorization: "Bearer scrape-token" },
    "unauthorized",
  ],
  ["API with the token of the metrics", "token", { ...here, authorization: "Bearer scrape-token" }, "unauthorized"],
  ["API without a token", "token", here, "unauthorized"],
  ["API with the admin token", "token", { ...here, ...admin }, "ok"],
  ["API with the session token", "token", { ...here, authorization: "bearer session-token" }, "ok"],
  ["API with a wrong token", "token", { ...here, authorization: "Bearer admin-tokem" }, "unauthorized"],
  ["API with an empty token", "token", { ...here, authorization: "Bearer " }, "unauthorized"],
  ["API with the hash as token", "token", { ...here, authorization: `Bearer ${rules.tokenHashes[0]}` }, "unauthorized"],
  ["API with basic credentials", "token", { ...here, authorization: "Basic YTpi" }, "unauthorized"],
  ["foreign host name", "token", { ...here, ...admin, host: "evil.example:8081" }, "forbidden"],
  ["foreign host name, health", "loopback", { ...here, host: "evil.example" }, "forbidden"],
  ["no host", "token", { ...here, ...admin, host: undefined }, "forbidden"],
  ["host with a path", "token", { ...here, ...admin, host: "localhost/x" }, "forbidden"],
  ["host with user info", "token", { ...here, ...admin, host: "localhost@evil.example" }, "forbidden"],
  ["host name in other case", "token", { ...here, ...admin, host: "LOCALHOST" }, "ok"],
  ["another address as host", "token", { ...here, ...admin, host: "10.0.0.5" }, "forbidden"],
  ["same origin", "token", { ...here, ...admin, origin: "http://localhost:8081" }, "ok"],
  ["foreign origin", "token", { ...here, ...admin, origin: "http://evil.example" }, "forbidden"],
  ["another port as origin", "token", { ...here, ...admin, origin: "http://localhost:3000" }, "forbidden"],
  ["opaque origin", "token", { ...here, ...admin, origin: "null" }, "forbidden"],
];

test.each<[string, Access, Asker, "ok" | "forbidden"]>([
  ["away with a token, no certificate", "token", { ...away, ...admin }, "forbidden"],
  ["away with both", "token", { ...away, ...admin, certified: true }, "ok"],
  ["here with a token", "token", { ...here, ...admin }, "ok"],
  ["probe", "open", away, "ok"],
])("with client certificates asked for: %s", (_name, access, asker, expected) => {
  expect(outcomeOf(access, asker, { ...rules, certificates: true })).toBe(expected);
});

test.each(rows)("%s", (_name, access, asker, expected) => {
  expect(outcomeOf(access, asker, rules)).toBe(expected);
});

function outcomeOf(access: Access, asker: Asker, given: AccessRules): string {
  try {
    checkAccess(access, asker, given);
    return "ok";
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}
