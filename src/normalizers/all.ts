import type { NormalizerType } from "../component/define-normalizer.ts";
import { normalizerList } from "./list.ts";

/** Every format, for what looks at all of them. */
export const normalizers: readonly NormalizerType[] = await normalizerList.loadAll();
