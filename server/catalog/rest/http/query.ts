import 'server-only'

/**
 * A URL with a query encoded as in RFC 3986. Form encoding would write a space as `+`, but AWS signs these exact bytes,
 * and every server reads `%20` as a space.
 *
 * @param address URL without a query
 */
export function withQuery(address: string, query: Readonly<Record<string, string>>): URL {
  const url = new URL(address)
  url.search = Object.entries(query)
    .map((pair) => pair.map(encodeQueryText).join('='))
    .join('&')
  return url
}

function encodeQueryText(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
