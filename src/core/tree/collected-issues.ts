import { issueSink, type Issue, type IssueSink } from "../diagnostic.ts";
import type { SourceDocument } from "./sources.ts";

/**
 * Issues held back until a load is complete: a ruleset that two nodes use is compiled twice, and tells each mistake once,
 * as an error if it is one anywhere.
 */
export interface CollectedIssues {
  of(document: SourceDocument): IssueSink;
  /** Passes everything on; true if there was an error. */
  flush(): boolean;
}

export function collectIssues(): CollectedIssues {
  const collected = new Map<SourceDocument, Issue[]>();
  return {
    of(document) {
      const issues = collected.get(document) ?? [];
      collected.set(document, issues);
      return issueSink(issues);
    },
    flush() {
      let failed = false;
      for (const [document, issues] of collected) {
        const unique = new Map<string, Issue>();
        for (const issue of issues) {
          const key = JSON.stringify([issue.path, issue.code, issue.message]);
          const known = unique.get(key);
          if (known === undefined || issue.severity === "error") unique.set(key, issue);
        }
        for (const issue of unique.values()) {
          failed ||= issue.severity === "error";
          passOn(issue, document.issues);
        }
      }
      return failed;
    },
  };
}

function passOn({ severity, code, path, message, accepted, suggestion }: Issue, to: IssueSink): void {
  to.at(...path)[severity](code, message, {
    ...(accepted === undefined ? {} : { accepted }),
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}
