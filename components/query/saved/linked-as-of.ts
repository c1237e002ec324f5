import { asOfFromText } from '@/lib/paths/snapshot-paths'

/** The branch, the tag or the time of a link; null for any other text. A snapshot belongs to one table, so no tab has it. */
export function parseLinkedAsOf(text: string): { ref: string } | { atMs: number } | null {
  const { ref, atMs } = asOfFromText(text) ?? {}
  if (ref !== undefined) return { ref }
  return atMs === undefined ? null : { atMs }
}
