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

/** Sentences as comments, in lines of a width to read. */
export const commented = (sentences: readonly string[]): string =>
  sentences.map((text) => text.replaceAll(/(.{1,110})(?: |$)/g, "# $1\n")).join("");
