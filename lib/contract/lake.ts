import { z } from 'zod'
import { inlineProblem } from './inline-problem'
import { contractSchemas } from './schemas'
import { count, instantMs, intInQuery, namespaceOnWire } from './wire'

/** Shapes that answers drawn from the whole lake share. */

export const tableIdentifierOnWire = z
  .object({ catalog: z.string(), namespace: namespaceOnWire, table: z.string() })
  .register(contractSchemas, { id: 'TablePlace' })
export type TableIdentifier = z.output<typeof tableIdentifierOnWire>

/** A catalog that could not be read, or not to its end; what is missing of it is in nothing. */
export const unreachableCatalog = inlineProblem
  .extend({ catalog: z.string() })
  .register(contractSchemas, { id: 'UnreachableCatalog' })
export type UnreachableCatalog = z.output<typeof unreachableCatalog>

/** A further name of a table that is counted under another one. */
const repeatedTable = z
  .object({ place: tableIdentifierOnWire, countedAs: tableIdentifierOnWire })
  .register(contractSchemas, { id: 'RepeatedTable' })
export type RepeatedTable = z.output<typeof repeatedTable>

/** What an answer from the whole lake was made from, and what is not in it. */
export const lakeCoverage = z
  .object({
    readAtMs: instantMs,
    /** Tables the figures are made from. */
    tableCount: count,
    /** Tables with several names, as through a connection to a catalog that is here too, are counted once. The first 50. */
    repeated: z.array(repeatedTable).max(50),
    repeatedCount: count,
    /** Tables that could not be read, and why; their figures are in nothing. The first 50. */
    unreadable: z.array(inlineProblem.extend({ place: tableIdentifierOnWire })).max(50),
    unreadableCount: count,
    unreachable: z.array(unreachableCatalog).max(200),
    /** The lake has more tables than one answer reads; those left out are in nothing. */
    isCut: z.boolean(),
  })
  .register(contractSchemas, { id: 'LakeReading' })
export type LakeCoverage = z.output<typeof lakeCoverage>

/** A span of time in equal steps: `[fromMs, toMs)`. */
export const timeSpanInput = z.object({ fromMs: intInQuery, toMs: intInQuery, stepMs: intInQuery })

/** A commit as its snapshot tells of it; null where it does not. */
export const lakeCommit = z
  .object({
    place: tableIdentifierOnWire,
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
