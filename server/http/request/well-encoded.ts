import 'server-only'

/** Whether every percent sequence of a path is valid; Next answers an invalid one with a plain 500. */
export function isWellEncoded(pathname: string): boolean {
  try {
    decodeURIComponent(pathname)
    return true
  } catch {
    return false
  }
}
