import * as z from 'zod'
import { endpoint } from '../endpoint'
import { GROWTH_RANGES } from '../shapes/plain-values'
import { catalogsBehind } from '../shapes/lake'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs, tableInput } from '../shapes/wire'

const MAX_PERIODS = 400
const MAX_EVENTS = 200
/** Operations with a count of their own; the rest is the last one. */
const MAX_OPERATIONS = 8

/** Negative only where writers counted less than they removed. */
const sizes = { rows: z.int(), bytes: z.int(), files: z.int() }

/** A table at the end of an hour or a day, in UTC, and the commits of that time. */
const growthPeriod = z
  .object({
    startMs: instantMs,
    /** Now, if it is not over. */
    endMs: instantMs,
    ...sizes,
    /** In the order of `operations`. */
    commits: z.array(count).max(MAX_OPERATIONS),
  })
  .register(contractSchemas, { id: 'GrowthPeriod' })

/** A change of the table that explains the lines. */
const growthEvent = z
  .object({
    atMs: instantMs,
    kind: z.enum(['schema', 'partition-spec', 'sort-order', 'rollback', 'replaced', 'restored', 'renamed']),
    /** The id of the new schema, partition spec or sort order; otherwise null. */
    toId: z.int().nullable(),
  })
  .register(contractSchemas, { id: 'GrowthEvent' })
export type GrowthEvent = z.output<typeof growthEvent>

export const readTableGrowth = endpoint({
  summary: 'Returns rows, bytes and commits of a table over time',
  description:
    'From the history that this server collects, so expired and rolled-back snapshots are in it. It has what the `main` branch had.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/growth',
  permission: 'table:read',
  input: tableInput.extend({ range: z.enum(GROWTH_RANGES) }),
  output: z.object({
    /** When the history was read first, and continued last. Null: it was not read yet. */
    history: z.object({ firstReadAtMs: instantMs, readAtMs: instantMs }).nullable(),
    /** The catalog of the table, if its histories are not current. */
    behind: catalogsBehind,
    /** An hour or a day. */
    periodMs: count,
    operations: z.array(z.string()).max(MAX_OPERATIONS),
    /** The table before the first period. */
    start: z.object(sizes),
    /** Oldest first; those before the first commit of the table are left out. */
    periods: z.array(growthPeriod).max(MAX_PERIODS),
    /** How the rows changed by what no known commit explains, because snapshots had expired or summaries lack counts. */
    notReadRows: z.int(),
    /** Oldest first; the newest 200. */
    events: z.array(growthEvent).max(MAX_EVENTS),
  }),
})
export type TableGrowth = z.output<typeof readTableGrowth.output>
