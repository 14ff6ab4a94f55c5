/**
 * What the SNS executor knows of Amazon SNS, https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: addresses,
 * parameters and errors of the query API, which answers in XML.
 *
 * | error code | outcome |
 * |---|---|
 * | InvalidClientTokenId, UnrecognizedClientException, SignatureDoesNotMatch, IncompleteSignature, MissingAuthenticationToken, AccessKeyIdRequired, ExpiredToken, RequestExpired, InvalidSecurity, OptInRequired | unavailable: credentials or clock |
 * | Throttling, Throttled, RequestLimitExceeded, TooManyRequests, KMSThrottling, SlowDown, InternalError, InternalFailure, ServiceUnavailable, each also with `Exception` | retry, whatever the status |
 * | InvalidParameter, InvalidParameterValue, AuthorizationError, NotFound, EndpointDisabled, KMS… and every other | the table of http-outcome.ts: 4xx reject, 5xx retry |
 */
import { retry, unavailable, type Outcome } from "../../core/delivery/outcome.ts";
import type { HttpAnswer } from "./http-exchange.ts";
import {
  outcomeOfStatus,
  responseText,
  retryAfter,
  statusText,
  withAnswer,
  type OutcomeContext,
} from "./http-outcome.ts";

/** Where the services of a partition are. */
const SUFFIXES: ReadonlyMap<string, string> = new Map([
  ["aws", "amazonaws.com"],
  ["aws-us-gov", "amazonaws.com"],
  ["aws-cn", "amazonaws.com.cn"],
  ["aws-eusc", "amazonaws.eu"],
  ["aws-iso", "c2s.ic.gov"],
  ["aws-iso-b", "sc2s.sgov.gov"],
]);

const ARN = /^arn:(aws[a-z-]*):sns:([a-z]{2,4}(?:-[a-z]+)+-\d{1,2}):\d{12}:[A-Za-z0-9_./-]+$/;

export interface SnsTarget {
  readonly region: string;
  /** The regional endpoint; undefined for a partition whose address is not known. */
  readonly endpoint: string | undefined;
  /** A topic that keeps order and drops repeats. */
  readonly fifo: boolean;
}

/** Region and address of a topic or endpoint; undefined when the text is no ARN of SNS. */
export function readSnsArn(arn: string): SnsTarget | undefined {
  const found = ARN.exec(arn);
  if (!found) return undefined;
  const [, partition, region] = found;
  const suffix = SUFFIXES.get(partition!);
  const endpoint = suffix === undefined ? undefined : `https://sns.${region}.${suffix}`;
  return { region: region!, endpoint, fifo: arn.endsWith(".fifo") };
}

/**
 * A subject as SNS takes it: fewer than 100 printable ASCII characters. Accents are dropped, typographic signs
 * are simplified, other characters become `?`, line breaks a space; undefined when nothing is left.
 */
export function snsSubject(text: string): string | undefined {
  const ascii = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/ß/gu, "ss")
    .replace(/\p{Pd}/gu, "-")
    .replace(/[“”„«»]/gu, '"')
    .replace(/[‘’‚]/gu, "'")
    .replace(/\s+/gu, " ")
    .replace(/[^ -~]/gu, "?")
    .trim();
  if (ascii === "") return undefined;
  return ascii.length < 100 ? ascii : `${ascii.slice(0, 96)}...`;
}

const CREDENTIALS =
  /^(InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken|AccessKeyIdRequired|ExpiredToken|RequestExpired|InvalidSecurity|OptInRequired)(Exception)?$/;
const LATER =
  /^(Throttling|Throttled|RequestLimitExceeded|TooManyRequests|KMSThrottling|SlowDown|InternalError|InternalFailure|ServiceUnavailable)(Exception)?$/;

export function outcomeOfSns(answer: HttpAnswer, context: OutcomeContext): Outcome {
  const general = outcomeOfStatus(answer, context);
  const code = element(answer.text, "Code");
  if (general.kind === "delivered" || code === undefined) return general;
  const response = responseText(answer.text, context.redact);
  const said = context.redact(`${code}: ${element(answer.text, "Message") ?? ""}`);
  const reason = withAnswer(`${answer.target} answered ${statusText(answer.status)}`, said);
  const retryAfterMs = retryAfter(answer.headers["retry-after"], context.clock);
  if (CREDENTIALS.test(code)) return unavailable(reason, retryAfterMs);
  if (LATER.test(code)) return retry(reason, { response, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  return { ...general, reason };
}

/** Text of the first element of a name. */
const element = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(xml)?.[1];
