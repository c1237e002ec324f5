import 'server-only'

/** In characters. The name is shown to people, and the client chooses it. */
const MAX_NAME_CHARS = 60

/**
 * The name and version of a client of the REST catalog: `PyIceberg 0.12.0`, `Apache Iceberg 1.10.0`. Read from
 * `X-Client-Version`, which Iceberg's own clients send, or from the first product of `User-Agent` (RFC 9110 section
 * 10.1.5); comments in parentheses are left out.
 *
 * @returns null if the headers have no name that can be shown
 */
export function clientName(headers: Headers): string | null {
  const version = cleanName(headers.get('x-client-version'))
  // Some clients send only the protocol version.
  if (version !== null && /\p{L}/u.test(version)) return version
  const product = headers.get('user-agent')?.trim().split(/[\s(]/)[0] ?? null
  return cleanName(product?.replace('/', ' ') ?? null)
}

function cleanName(text: string | null): string | null {
  const [shown = ''] = (text ?? '').split('(')
  const name = shown
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '')
    .trim()
    .slice(0, MAX_NAME_CHARS)
  return name === '' ? null : name
}
