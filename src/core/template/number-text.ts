/**
 * Numbers written in strings, as Rust reads them: integers of any size exactly, else a double (`.5`, `5.`, `+1.5`, `1E3`).
 * No blanks, no separators. What no JSON number can hold (`NaN`, `inf`, `1e400`) is null; what is no number is undefined.
 */
export function numberOfText(text: string): number | bigint | null | undefined {
  if (/^[+-]?\d+$/.test(text)) return exactInteger(text);
  if (/^[+-]?(inf|infinity|nan)$/i.test(text)) return null;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function exactInteger(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text.startsWith("+") ? text.slice(1) : text);
}
