/** Choices of a browser that the server needs for the first render are stored in cookies; others are not. */

export const TIME_ZONE_COOKIE = 'lakeshore-time-zone'
/** `1` while the catalog tree is hidden. */
export const HIDDEN_TREE_COOKIE = 'lakeshore-tree-hidden'
/** `1` while the list of tables next to the query is hidden. */
export const HIDDEN_SIDEBAR_COOKIE = 'lakeshore-query-tables-hidden'

const MAX_AGE_S = 365 * 24 * 3600

/** @returns the value as it is stored, undefined without the cookie and on the server */
export function readCookie(name: string): string | undefined {
  const cookies = typeof document === 'undefined' ? [] : document.cookie.split('; ')
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** @param value without characters that a cookie cannot have; empty removes the cookie */
export function writeCookie(name: string, value: string): void {
  const secure = location.protocol === 'https:' ? '; secure' : ''
  // Not every supported browser has the Cookie Store API.
  document.cookie = `${name}=${value}; path=/; max-age=${value === '' ? 0 : MAX_AGE_S}; samesite=lax${secure}`
}
