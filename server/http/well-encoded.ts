import 'server-only'

/** Whether every percent sequence of a path stands for something; Next answers one that does not with a plain 500. */
export function isWellEncoded(pathname: string): boolean {
  try {
    decodeURIComponent(pathname)
    return true
  } catch {
    return false
  }
}
