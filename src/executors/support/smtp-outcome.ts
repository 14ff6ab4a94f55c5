/**
 * From what became of a mail to an outcome. A reply of SMTP (RFC 5321, 4.2) is temporary with 4xx, final with 5xx.
 *
 * | what came | outcome |
 * |---|---|
 * | all recipients taken | delivered |
 * | some taken, the others refused with 5xx | delivered, with a note: a repeat would change nothing for them |
 * | some taken, others refused with 4xx | retry; the executor remembers whom to leave out |
 * | 4xx; 503 (out of order: another connection may do); timeout, lost connection | retry |
 * | refused login, 530 (login or TLS needed), 5xx before the mail began (greeting, EHLO, STARTTLS) | unavailable |
 * | refused connection, unknown host, TLS failure | unavailable |
 * | any other 5xx; larger than the server takes | reject |
 */
import { delivered, reject, retry, unavailable, type Outcome } from "../../core/delivery/outcome.ts";
import { outcomeOfError, withAnswer } from "./http-outcome.ts";
import type { Redact } from "./redact.ts";

/** What nodemailer tells of a failure; every key may be missing. */
export interface SmtpError {
  readonly message: string;
  readonly code?: string | undefined;
  /** The system's code below `code`, such as ECONNREFUSED. */
  readonly originalCode?: string | undefined;
  /** The command that was answered. */
  readonly command?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly response?: string | undefined;
  readonly recipient?: string | undefined;
}

export interface SmtpResult {
  readonly accepted: readonly string[];
  readonly refused: readonly SmtpError[];
}

/** Codes of nodemailer for what has to be put right at the server or in the options. */
const SETUP: ReadonlySet<string> = new Set(["EAUTH", "ENOAUTH", "EOAUTH2", "ETLS", "EREQUIRETLS", "EDNS", "ECONFIG"]);
const BEFORE_MAIL = /^(CONN|EHLO|HELO|LHLO|STARTTLS|AUTH)/;

export function outcomeOfSmtpError(error: SmtpError, target: string, redact: Redact): Outcome {
  const { code = "", originalCode, command = "", responseCode, response } = error;
  if (responseCode === undefined) {
    const cause = Object.assign(new Error(error.message), { code: originalCode ?? code });
    const general = outcomeOfError(cause, target, redact);
    if (SETUP.has(code) && general.kind !== "unavailable") return unavailable(reasonOf(general));
    // Without a reply: nodemailer itself found that this mail cannot be sent.
    return code === "EENVELOPE" || code === "EMESSAGE" ? reject(reasonOf(general)) : general;
  }
  const said = redact(response ?? error.message);
  const reason = withAnswer(`${target} answered${command === "" ? "" : ` ${command}`}`, said);
  if (SETUP.has(code) || responseCode === 530) return unavailable(reason);
  if (!isFinal(responseCode)) return retry(reason, { response: said });
  return BEFORE_MAIL.test(command) ? unavailable(reason) : reject(reason, said);
}

export function outcomeOfSmtpResult({ refused }: SmtpResult, target: string, redact: Redact): Outcome {
  if (refused.length === 0) return delivered();
  const said = refused.map(({ recipient, response, message }) => redact(`${recipient}: ${response ?? message}`));
  const reason = withAnswer(`${target} did not take every recipient`, said.join("; "));
  return refused.some(isTemporary) ? retry(reason, { response: said.join("\n") }) : delivered(reason);
}

export const isTemporary = ({ responseCode }: SmtpError): boolean =>
  responseCode === undefined || !isFinal(responseCode);

const isFinal = (responseCode: number): boolean => responseCode >= 500 && responseCode <= 599 && responseCode !== 503;

const reasonOf = (outcome: Outcome): string => ("reason" in outcome ? outcome.reason : "");
