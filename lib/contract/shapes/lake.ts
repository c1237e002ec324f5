import * as z from 'zod'
import { BADGES } from '@/lib/iceberg/properties/about'
import { inlineProblem } from './inline-problem'
import { contractSchemas } from './schemas'
import { count, instantMs, intInQuery, listedNamespace } from './wire'

/** Shapes shared by the responses that cover the whole lake. */

export const tableIdentifierOnWire = z
  .object({ catalog: z.string(), namespace: listedNamespace, table: z.string() })
  .register(contractSchemas, { id: 'TableIdentifier' })

/** The badge of a table or a view that the rest of the response names, and why it has it or what to use instead. */
export const tableBadge = z
  .object({ table: tableIdentifierOnWire, badge: z.enum(BADGES), badgeReason: z.string().nullable() })
  .register(contractSchemas, { id: 'TableBadge' })
export type TableBadge = z.output<typeof tableBadge>

/** A catalog that could not be read completely; the lists leave out the rest of it. */
export const unreachableCatalog = inlineProblem
  .extend({ catalog: z.string() })
  .register(contractSchemas, { id: 'UnreachableCatalog' })
export type UnreachableCatalog = z.output<typeof unreachableCatalog>

/** A catalog whose history is not current, and why. */
const catalogBehind = z
  .object({
    catalog: z.string(),
    /** `not-begun`: no reading of it has ended yet. `stopped`: no worker has read it for some time. */
    reason: z.enum(['problem', 'stopped', 'unread', 'late', 'truncated', 'not-begun']),
    /** Why the catalog cannot be read, if that is the reason. */
    code: inlineProblem.shape.code.nullable(),
    /** When each of its tables had last been read in time; null: never. */
    completeAtMs: instantMs.nullable(),
  })
  .register(contractSchemas, { id: 'CatalogBehind' })
export type CatalogBehind = z.output<typeof catalogBehind>

/** The catalogs whose history is not current, and why. */
export const catalogsBehind = z.array(catalogBehind).max(200)

/** Another name of a table that is counted under its first name. */
const repeatedTable = z
  .object({ table: tableIdentifierOnWire, countedAs: tableIdentifierOnWire })
  .register(contractSchemas, { id: 'RepeatedTable' })

/** Tables with several names, such as through a second connection to one catalog, count once. The first 50. */
export const repeatedTables = z.object({ duplicates: z.array(repeatedTable).max(50), duplicateCount: count })
export type RepeatedTables = z.output<typeof repeatedTables>

/** How many of the live data files have known sizes. Sums of the sizes in files cover only these. */
export const fileCoverage = z
  .object({ measuredCount: count, fileCount: count })
  .register(contractSchemas, { id: 'FileCoverage' })
export type FileCoverage = z.output<typeof fileCoverage>

/** A span of time in equal steps: `[fromMs, toMs)`. */
export const timeSpanInput = z.object({ fromMs: intInQuery, toMs: intInQuery, stepMs: intInQuery })

/** A commit as its snapshot summary reports it; null for figures that the summary lacks. */
export const lakeCommit = z
  .object({
    table: tableIdentifierOnWire,
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
    /** Input bytes, if the summary has them. */
    inputBytes: count.nullable(),
  })
  .register(contractSchemas, { id: 'LakeCommit' })
export type LakeCommit = z.output<typeof lakeCommit>
