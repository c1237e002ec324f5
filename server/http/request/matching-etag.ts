import 'server-only'

/** Whether `If-None-Match`, a list of tags or `*`, matches the tag. */
export function hasMatchingEtag(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}
