import 'server-only'
import * as z from 'zod'
import { LOOKING } from '@/server/table/expiry/queued-removals'

/**
 * The progress of a removal. Data and delete files are removed first, then manifests, then manifest lists and
 * statistics, so that the successor of a killed run can still find the remaining files.
 */
const REMOVAL_PHASES = ['data', 'manifests', 'lists'] as const

const count = z.int().nonnegative()

const counts = z.object({
  filesRemoved: count,
  dataFilesRemoved: count,
  bytesRemoved: count,
  /** Files outside the table's folders, which stay. */
  filesRetained: count,
})
export type RemovalCounts = z.output<typeof counts>

const checkedTables = z.object({
  /** How many tables of the catalog, in the order of their names, have been looked at. */
  count,
  /** Digest of the names of these tables: if another table joins them, the check begins again. */
  digest: z.string(),
  /** The tables that share a folder. They are read again. */
  sharing: z.array(z.object({ catalog: z.string(), namespace: z.array(z.string()).readonly(), table: z.string() })),
  startedAtMs: count,
})
export type CheckedTables = z.output<typeof checkedTables>

/** Written while other tables are looked at: no file has been removed yet. */
const checkJournal = z.object({ phase: z.literal(LOOKING), checked: checkedTables })

/** Written before the first file is removed and after each phase, with the counts so far. */
const removalJournal = z.object({ phase: z.enum(REMOVAL_PHASES), counts, listBytes: count })
export type RemovalJournal = z.output<typeof removalJournal>

export const anyRemovalJournal = z.union([checkJournal, removalJournal])

export const NEW_REMOVAL: RemovalJournal = {
  phase: 'data',
  counts: { filesRemoved: 0, dataFilesRemoved: 0, bytesRemoved: 0, filesRetained: 0 },
  listBytes: 0,
}
