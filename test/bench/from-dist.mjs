// Starts the built package as an installation would, though the checkout has `src` as well.
import { enableCompileCache } from "node:module";
enableCompileCache();
await import("../../dist/main.js");
