/**
 * Headers that undici refuses to send. It must not be asked: a request that it refuses leaves one of the pool's connections
 * waiting for ever, so that as many of them as there are connections would stop an executor, and what a header holds may
 * come from an event. The rules are undici's, as of version 8.
 */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Line breaks would add headers, and what is beyond Latin-1 would be cut to bytes that may be line breaks. */
const NO_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/;

/** The name of the first that cannot be sent; null: all can. */
export function invalidHeader(headers: Readonly<Record<string, string>>): string | null {
  for (const name in headers) if (!isSendable(name, headers[name]!)) return name;
  return null;
}

function isSendable(name: string, value: string): boolean {
  if (!TOKEN.test(name) || NO_VALUE.test(value)) return false;
  switch (name.toLowerCase()) {
    case "transfer-encoding":
    case "keep-alive":
    case "upgrade":
    case "expect":
      return false;
    case "connection":
      return /^(close|keep-alive)$/i.test(value);
    case "content-length":
      return /^\d+$/.test(value);
    default:
      return true;
  }
}
