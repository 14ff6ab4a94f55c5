import { readFile } from "node:fs/promises";
import { AppError } from "../component/app-error.ts";
import type { TlsFiles } from "../config/settings.ts";

/** PEM texts. */
export interface Tls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | undefined;
}

export async function readTls(files: TlsFiles | null): Promise<Tls | undefined> {
  if (!files) return undefined;
  const [cert, key, clientCa] = await Promise.all([
    read(files.certFile),
    read(files.keyFile),
    files.clientCaFile === null ? undefined : read(files.clientCaFile),
  ]);
  return { cert, key, clientCa };
}

const read = (file: string): Promise<string> =>
  readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new AppError("configuration", `cannot read ${file}: ${cause.code}`, { cause });
  });
