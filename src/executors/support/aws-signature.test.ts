import { expect, test } from "vitest";
import { Secret } from "../../component/secret.ts";
import { signAwsRequest } from "./aws-signature.ts";

/**
 * Requests and signatures that AWS published: the Signature Version 4 test suite (`aws-sig-v4-test-suite`, names as
 * there), and the IAM ListUsers request of "Examples of how to derive a signing key / create a signed request" in the
 * AWS General Reference. All with the example credentials of AWS, at 2015-08-30T12:36:00Z in us-east-1.
 */
const EXAMPLE = {
  accessKeyId: new Secret("AKIDEXAMPLE"),
  secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
  sessionToken: undefined,
};
const NOW_MS = Date.UTC(2015, 7, 30, 12, 36, 0);
const FORM = "application/x-www-form-urlencoded";

const rows = [
  {
    name: "get-vanilla",
    signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  },
  {
    name: "get-vanilla-query-order-key-case",
    url: "https://example.amazonaws.com/?Param2=value2&Param1=value1",
    signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  },
  {
    name: "post-vanilla",
    method: "POST",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  },
  {
    name: "post-x-www-form-urlencoded",
    method: "POST",
    headers: { "content-type": FORM },
    body: "Param1=value1",
    signed: "content-type;host;x-amz-date",
    signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  },
  {
    name: "post-x-www-form-urlencoded-parameters",
    method: "POST",
    headers: { "content-type": `${FORM}; charset=utf8` },
    body: "Param1=value1",
    signed: "content-type;host;x-amz-date",
    signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
  },
  {
    name: "IAM ListUsers",
    url: "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
    service: "iam",
    headers: { "content-type": `${FORM}; charset=utf-8` },
    signed: "content-type;host;x-amz-date",
    signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
  },
] as const;

test.each(rows)("$name", async (row) => {
  const { url = "https://example.amazonaws.com/", method = "GET", headers = {}, body = "" } = { ...row } as Row;
  const { service = "service", signed = "host;x-amz-date" } = row as Row;
  const result = await signAwsRequest({ method, url: new URL(url), headers, body }, EXAMPLE, {
    region: "us-east-1",
    service,
    nowMs: NOW_MS,
  });
  expect(result).toEqual({
    ...headers,
    "x-amz-date": "20150830T123600Z",
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request, SignedHeaders=${signed}, Signature=${row.signature}`,
  });
});

interface Row {
  readonly url?: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly service?: string;
  readonly signed?: string;
}

test("a session token is sent and signed", async () => {
  const credentials = { ...EXAMPLE, sessionToken: new Secret("the-token") };
  const request = { method: "POST", url: new URL("https://example.amazonaws.com/"), headers: {}, body: "" } as const;
  const signed = await signAwsRequest(request, credentials, { region: "us-east-1", service: "sns", nowMs: NOW_MS });
  expect(signed).toMatchObject({
    "x-amz-security-token": "the-token",
    authorization: expect.stringContaining("SignedHeaders=host;x-amz-date;x-amz-security-token"),
  });
});
