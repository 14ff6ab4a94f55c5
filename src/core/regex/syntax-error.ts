/** A pattern that is refused; `compileRegex` turns it into a value. */
export class RegexSyntaxError extends Error {
  override readonly name = "RegexSyntaxError";
  /** UTF-16 offset in the pattern. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export function refuse(message: string, offset: number): never {
  throw new RegexSyntaxError(message, offset);
}
