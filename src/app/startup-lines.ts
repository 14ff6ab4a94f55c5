/** What `serve` tells a person once it runs. */
export interface StartupFacts {
  readonly version: string;
  readonly ingestUrl: string;
  readonly adminUrl: string;
  readonly collectors: number;
  readonly executors: number;
  readonly rules: number;
  /** Given only when it was made just now. */
  readonly freshToken: string | null;
  readonly tokenFile: string;
  readonly dryRun: readonly string[];
  /** The first webhook collector that asks for a token or for nothing. */
  readonly example: { readonly collector: string; readonly token: ExampleToken } | null;
}

/** `literal`: it stands in the file for all to read; `hidden`: it comes from elsewhere, so it is not printed. */
export type ExampleToken =
  { readonly kind: "none" } | { readonly kind: "hidden" } | { readonly kind: "literal"; readonly token: string };

export function startupLines(facts: StartupFacts): readonly string[] {
  const counts = [
    count(facts.collectors, "collector"),
    count(facts.rules, "rule"),
    count(facts.executors, "executor"),
  ].join(", ");
  return [
    `squall ${facts.version}: ${counts}`,
    `events   ${facts.ingestUrl}/event/<collector>`,
    `admin    ${facts.adminUrl}`,
    ...(facts.freshToken === null
      ? []
      : [`token    ${facts.freshToken} (for the admin API; shown this once, its hash is in ${facts.tokenFile})`]),
    ...(facts.dryRun.length === 0 ? [] : [`dry run  ${facts.dryRun.join(", ")}: requests are logged, not sent`]),
    ...(facts.example === null ? [] : [`try      ${curl(facts.ingestUrl, facts.example)}`]),
  ];
}

function curl(url: string, { collector, token }: NonNullable<StartupFacts["example"]>): string {
  const target = `${url}/event/${collector}`;
  const body = `-H 'content-type: application/json' -d '{"message":"hello"}'`;
  if (token.kind === "none") return `curl ${body} '${target}'`;
  if (token.kind === "hidden") return `curl ${body} "${target}?token=$TOKEN"`;
  return `curl ${body} ${quoted(`${target}?token=${encodeURIComponent(token.token)}`)}`;
}

/** For a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
