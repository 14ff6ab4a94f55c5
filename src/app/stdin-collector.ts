/** What `serve --stdin` stands for: a collector that no file describes. */
export interface StdinCollector {
  readonly format: string;
  readonly codec: string;
}

export const stdinCollector = ({
  format,
  codec,
}: StdinCollector): { readonly file: string; readonly text: string } => ({
  file: "--stdin",
  text: JSON.stringify({ id: "stdin", type: "stdin", format, codec }),
});
