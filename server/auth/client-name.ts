import 'server-only'

/** In characters; what a client says of itself is shown to people. */
const MAX_NAME_CHARS = 60

/**
 * What a program that uses the REST catalog calls itself, with its version: `PyIceberg 0.12.0`, `Apache Iceberg 1.10.0`.
 * It is told in `X-Client-Version`, as Iceberg's own clients do, or in `User-Agent` (RFC 9110 section 10.1.5), whose
 * first product is meant; comments in brackets are left out.
 *
 * @returns null where it says nothing that can be shown
 */
export function clientName(headers: Headers): string | null {
  const version = cleanName(headers.get('x-client-version'))
  // Some say only which protocol they know.
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
