import { type Host, wantsColour } from "../app/host.ts";
import { printDiagnostics } from "../config/print-diagnostics.ts";
import type { Diagnostic } from "../core/diagnostic.ts";

/** On standard error, nothing when there are none. */
export function printFindings(diagnostics: readonly Diagnostic[], dir: string, host: Host): void {
  if (diagnostics.length > 0)
    host.err(printDiagnostics(diagnostics, { dir, colour: wantsColour(host.errIsTerminal, host.env) }));
}
