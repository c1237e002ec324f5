import * as z from 'zod'
import { endpoint } from '../endpoint'
import { contractSchemas } from '../shapes/schemas'
import { listedNamespace, tableInput } from '../shapes/wire'

export const MAX_TABLE_USES = 200

const usedEntry = z.object({
  kind: z.enum(['table', 'view']),
  catalog: z.string(),
  namespace: listedNamespace,
  name: z.string(),
})

/** A text, or a schedule, that uses a table. */
const tableUse = z
  .object({
    kind: z.enum(['view', 'check', 'query', 'schedule', 'proposal']),
    /** The name of the check or the query, the title of the schedule or the proposal, the name of the view. */
    name: z.string(),
    /**
     * The view, the table of the check, the table or view of the proposal; the table in which a schedule saves what it reads
     * here, null if it writes this one. Null for queries.
     */
    entry: usedEntry.nullable(),
    /** The id of a query or a proposal; null for the others. */
    id: z.string().nullable(),
    /** The user who saved the query, made the proposal or owns the schedule; null for the others. */
    owner: z.string().nullable(),
    /** `may-read`: the text has the name of the table, but cannot be resolved, or the name may mean another table. */
    certainty: z.enum(['reads', 'may-read']),
    /** Columns of the table whose names are in the text, or in that of the view `via`; null: every column, or not known. */
    columns: z.array(z.string()).nullable(),
    /** Former columns of the table whose names are in its text, so that it may be broken. */
    formerColumns: z.array(z.string()),
    /** The view through which it reads the table; null if it names the table itself. */
    via: usedEntry.nullable(),
  })
  .register(contractSchemas, { id: 'TableUse' })
export type TableUse = z.output<typeof tableUse>

/** The uses of a table, or of a view. */
export const tableUses = z.object({
  uses: z.array(tableUse).max(MAX_TABLE_USES),
  /** Whether a limit was reached, so that there may be more. */
  isTruncated: z.boolean(),
  /** Catalogs whose views and checks are not all covered: they are not indexed for the caller, or could not be read. */
  missingCatalogs: z.array(z.string()).max(200),
})
export type TableUses = z.output<typeof tableUses>

export const listTableUses = endpoint({
  summary: 'Lists the views, saved checks, saved queries, schedules and open proposals that use a table',
  description:
    'Only what the caller may read, at most 200. Views and checks of other tables are those of the search index. What reads a view of the table is listed, too, up to five views deep. Engines and other programs are listed by `listTableClients`.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/uses',
  permission: 'table:read',
  input: tableInput,
  output: tableUses,
})
