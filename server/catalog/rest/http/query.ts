import 'server-only'

/**
 * An address with a query as RFC 3986 writes it, where forms would have `+` for a space: AWS's signatures are over
 * these very bytes, and no server reads `%20` as anything else.
 *
 * @param address without a query
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
