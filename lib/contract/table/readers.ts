import { z } from 'zod'
import { endpoint } from '../endpoint'
import { contractSchemas } from '../shapes/schemas'
import { count, instantMs, tableInput } from '../shapes/wire'

/** An engine that scanned a table lately, as its reports say. */
const reader = z
  .object({
    /** `Spark 3.5.6`; null when its reports do not name it. */
    engine: z.string().nullable(),
    /** The time of its newest report. */
    readAtMs: instantMs,
    scanCount: count,
  })
  .register(contractSchemas, { id: 'TableReader' })

export const listReaders = endpoint({
  summary: 'Lists the engines that read a table in the last days',
  description:
    'Taken from the scans that engines report to the REST catalog of this server, at most the newest 500. An engine that does not report its scans is not listed, so an empty list means that the readers are not known.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/readers',
  permission: 'table:read',
  input: tableInput,
  output: z.object({ days: count, readers: z.array(reader).max(20) }),
})
export type TableReaders = z.output<typeof listReaders.output>
