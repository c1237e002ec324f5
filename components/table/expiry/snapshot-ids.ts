import { formatCount } from '@/lib/format/count'
import { MAX_EXPIRED_SNAPSHOTS } from '@/lib/changes/intents/expire-snapshots/describe'

const MAX_NAMED = 3

/**
 * The snapshot ids in a text, exactly and each once: they are separated by spaces, commas, semicolons or lines.
 *
 * @returns a problem when a part of the text is not a number of 64 bits, or for more ids than a commit may have
 */
export function parseSnapshotIds(text: string): { ids: string[] } | { problem: string } {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '')
  const wrong = words.filter((word) => !isLong(word))
  if (wrong.length > 0) {
    const named = wrong.slice(0, MAX_NAMED).map((word) => `“${word.length > 40 ? `${word.slice(0, 40)}…` : word}”`)
    const more = wrong.length - named.length
    const all = `${named.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`
    return {
      problem: `${all} ${wrong.length === 1 ? 'is not a snapshot id' : 'are not snapshot ids'}. An id is a whole number of 64 bits.`,
    }
  }
  const ids = [...new Set(words.map((word) => String(BigInt(word))))]
  if (ids.length > MAX_EXPIRED_SNAPSHOTS) {
    return {
      problem: `These are ${formatCount(ids.length)} snapshots. One commit expires at most ${formatCount(MAX_EXPIRED_SNAPSHOTS)}.`,
    }
  }
  return { ids }
}

function isLong(word: string): boolean {
  return /^-?\d{1,19}$/.test(word) && BigInt.asIntN(64, BigInt(word)) === BigInt(word)
}
