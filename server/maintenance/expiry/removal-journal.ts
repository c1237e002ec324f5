import 'server-only'
import { z } from 'zod'

/**
 * How far a removal is. Files are removed before what names them, so that a run which was killed finds the remaining
 * ones again: data and delete files, then manifests, then manifest lists and statistics.
 */
const REMOVAL_PHASES = ['data', 'manifests', 'lists'] as const

const count = z.int().nonnegative()

const counts = z.object({
  filesRemoved: count,
  dataFilesRemoved: count,
  bytesRemoved: count,
  /** Files outside the table's folders, which stay. */
  filesLeft: count,
})
export type RemovalCounts = z.output<typeof counts>

/** Written before the first file is removed and after each phase, with what was removed until then. */
export const removalJournal = z.object({ phase: z.enum(REMOVAL_PHASES), counts, listBytes: count })
export type RemovalJournal = z.output<typeof removalJournal>

export const NEW_REMOVAL: RemovalJournal = {
  phase: 'data',
  counts: { filesRemoved: 0, dataFilesRemoved: 0, bytesRemoved: 0, filesLeft: 0 },
  listBytes: 0,
}
