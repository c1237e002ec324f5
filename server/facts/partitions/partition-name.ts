import 'server-only'
import { createHash } from 'node:crypto'

/** Files of a spec without fields, in a table that has partitions in others. No label of a partition is like it. */
const UNPARTITIONED = 'unpartitioned'

/** Values of partitions may be whole texts. */
const MAX_CHARS = 120
const DIGEST_CHARS = 8

/** The name under which a partition is stored: its label, of which a long one is cut and told apart by a digest. */
export function toPartitionName(label: string): string {
  if (label === '') return UNPARTITIONED
  const text = label.toWellFormed().replaceAll('\0', '\u{fffd}')
  if (text.length <= MAX_CHARS) return text
  const digest = createHash('sha256').update(label).digest('hex').slice(0, DIGEST_CHARS)
  // It may be cut within a character.
  return `${text.slice(0, MAX_CHARS - DIGEST_CHARS - 2).toWellFormed()}… ${digest}`
}
