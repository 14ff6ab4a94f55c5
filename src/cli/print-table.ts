/** Columns as wide as their widest cell, the last one free; control characters shown as such. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((row) => row.map(visible));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(column === head.length - 1 ? 0 : widths[column]!)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** A target's answer could otherwise move the cursor of the terminal it is shown on. */
export const visible = (text: string): string =>
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) => (/\s/.test(character) ? " " : "�"));
