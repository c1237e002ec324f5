import { z } from 'zod'
import { problemInPlace } from './problem-in-place'
import { contractSchemas } from './schemas'
import { count, instantMs, intInQuery, namespaceOnWire } from './wire'

/** Shapes that answers drawn from the whole lake share. */

export const tablePlace = z
  .object({ catalog: z.string(), namespace: namespaceOnWire, table: z.string() })
  .register(contractSchemas, { id: 'TablePlace' })
export type TablePlace = z.output<typeof tablePlace>

/** A catalog that could not be read, or not to its end; what is missing of it is in nothing. */
export const unreachableCatalog = problemInPlace
  .extend({ catalog: z.string() })
  .register(contractSchemas, { id: 'UnreachableCatalog' })
export type UnreachableCatalog = z.output<typeof unreachableCatalog>

/** A further name of a table that is counted under another one. */
const repeatedTable = z
  .object({ place: tablePlace, countedAs: tablePlace })
  .register(contractSchemas, { id: 'RepeatedTable' })
export type RepeatedTable = z.output<typeof repeatedTable>

/** What an answer from the whole lake was made from, and what is not in it. */
export const lakeReading = z
  .object({
    readAtMs: instantMs,
    /** Tables the figures are made from. */
    tableCount: count,
    /** Tables with several names, as through a connection to a catalog that is here too, are counted once. The first 50. */
    repeated: z.array(repeatedTable).max(50),
    repeatedCount: count,
    /** Tables that could not be read, and why; their figures are in nothing. The first 50. */
    unreadable: z.array(problemInPlace.extend({ place: tablePlace })).max(50),
    unreadableCount: count,
    unreachable: z.array(unreachableCatalog).max(200),
    /** The lake has more tables than one answer reads; those left out are in nothing. */
    isCut: z.boolean(),
  })
  .register(contractSchemas, { id: 'LakeReading' })
export type LakeReading = z.output<typeof lakeReading>

/** A span of time in equal steps: `[fromMs, toMs)`. */
export const spanInput = z.object({ fromMs: intInQuery, toMs: intInQuery, stepMs: intInQuery })

/** A commit as its snapshot tells of it; null where it does not. */
export const lakeCommit = z
  .object({
    place: tablePlace,
    snapshotId: z.string(),
    atMs: instantMs,
    operation: z.string(),
    writer: z.string().nullable(),
    addedRows: count.nullable(),
    removedRows: count.nullable(),
    addedBytes: count.nullable(),
    removedBytes: count.nullable(),
    addedFiles: count.nullable(),
    removedFiles: count.nullable(),
    /** What was loaded, where the summary knows. */
    inputBytes: count.nullable(),
  })
  .register(contractSchemas, { id: 'LakeCommit' })
export type LakeCommit = z.output<typeof lakeCommit>
