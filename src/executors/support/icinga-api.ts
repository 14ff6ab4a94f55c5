/** What the APIs of Icinga 2 and of its Director have in common: Basic authentication, their own authority, JSON both ways. */
import { z } from "zod";
import type { ExecutorDeps, ExecutorItem, RequestPreview } from "../../component/define-executor.ts";
import { secret, type Secret } from "../../component/secret.ts";
import type { Outcome } from "../../core/delivery/outcome.ts";
import { isObject, printJson, type Json, type JsonObject } from "../../core/json.ts";
import type { Result } from "../../core/result.ts";
import { createHttpClient } from "./http-client.ts";
import type { HttpAnswer, HttpCall } from "./http-exchange.ts";
import { deliveryHeaders, readHttpUrl, readPem } from "./http-options.ts";
import { basic, credentialsOf, redactJson, redactValues, type Redact } from "./redact.ts";

/** Schema of a payload key that holds any object. */
export const jsonObject = () =>
  z.custom<JsonObject>((value) => isObject(value as Json), { error: "expected an object" });

/** Option keys of an API, but its `url`. */
export const icingaLogin = (user: string) => ({
  username: z.string().min(1).describe(user),
  password: secret().describe("Its password."),
  ca_file: z.string().optional().describe("PEM file of the authority that signed the target's certificate."),
  disable_ssl_verification: z.boolean().default(false).describe("Accept any certificate of the target."),
});

export interface IcingaLogin {
  readonly url: string;
  readonly username: string;
  readonly password: Secret;
  readonly ca_file?: string | undefined;
  readonly disable_ssl_verification: boolean;
}

/** What must not be shown of a request, or of an answer to it. */
export const secretsOf = ({ username, password }: IcingaLogin): readonly (Secret | string)[] => [
  password,
  credentialsOf(basic(username, password)),
];

export interface IcingaApi {
  /** `path` is what follows the base path. */
  post(
    path: string,
    body: JsonObject | null,
    item: ExecutorItem,
    signal: AbortSignal,
  ): Promise<Result<HttpAnswer, Outcome>>;
  preview(path: string, body: JsonObject | null, item: ExecutorItem): RequestPreview;
  close(): Promise<void>;
}

/** `basePath` gives what the requests' paths begin with, of the path of `url`. Throws AppError `configuration`. */
export function createIcingaApi(
  login: IcingaLogin,
  basePath: (path: string) => string,
  deps: ExecutorDeps & { readonly redact: Redact; readonly maxAnswerBytes?: number; readonly option?: string },
): IcingaApi {
  const { redact, maxAnswerBytes } = deps;
  const { origin, pathname } = readHttpUrl(login.url)!; // the schema has seen to it
  const base = basePath(pathname.replace(/\/$/, ""));
  const authorization = basic(login.username, login.password);
  const tls = {
    verify: !login.disable_ssl_verification,
    ...(login.ca_file === undefined ? {} : { ca: readPem(`${deps.option ?? ""}ca_file`, login.ca_file) }),
  };
  const client = createHttpClient({ tls, ...(maxAnswerBytes === undefined ? {} : { maxAnswerBytes }) }, deps);
  const callOf = (path: string, body: JsonObject | null, item: ExecutorItem): HttpCall => ({
    method: "POST",
    origin,
    path: base + path,
    headers: {
      accept: "application/json",
      authorization: authorization.reveal(),
      "content-type": "application/json",
      ...deliveryHeaders(item),
    },
    body: body === null ? null : printJson(body),
  });
  return {
    post: (path, body, item, signal) => client.send(callOf(path, body, item), signal),
    preview(path, body, item) {
      const call = callOf(path, body, item);
      return {
        method: call.method,
        url: redact(call.origin + call.path),
        headers: redactValues(call.headers, redact),
        ...(body === null ? {} : { body: redactJson(body, redact) }),
      };
    },
    close: () => client.close(),
  };
}

/** Tornado's form of Icinga 2's address ends in `/v1/actions`. */
export const icinga2Base = (path: string): string => path.replace(/\/v1\/actions$/, "");
