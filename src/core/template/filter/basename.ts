import { plainFilter } from "./filter.ts";

export const basename = plainFilter(
  "basename",
  "The last part of a path, whether separated by / or by \\.",
  (value) => {
    if (typeof value !== "string") return undefined;
    let end = value.length;
    while (end > 1 && (value[end - 1] === "/" || value[end - 1] === "\\")) end--;
    const path = value.slice(0, end);
    return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  },
);
