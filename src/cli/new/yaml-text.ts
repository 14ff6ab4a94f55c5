import { Document, isScalar, Scalar, visit } from "yaml";

/** As people write it: strings with `${` in quotes, short lists and objects on one line where nothing is inside them. */
export function yamlText(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === "string" && node.value.includes("${"))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}

export const indented = (text: string, by: string): string => text.replaceAll(/^(?=.)/gm, by);
export const commented = (lines: readonly string[]): string => lines.map((line) => `# ${line}\n`).join("");
