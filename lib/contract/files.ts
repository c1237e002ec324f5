import { z } from 'zod'
import { endpoint } from './endpoint'
import { contractSchemas } from './shapes/schemas'
import { count, intInQuery, longId, tableAsOfInput } from './shapes/wire'

export const liveFile = z
  .object({
    path: z.string(),
    content: z.enum(['data', 'position-deletes', 'equality-deletes']),
    format: z.string(),
    recordCount: count,
    fileSizeBytes: count,
    sequenceNumber: z.int(),
    addedSnapshotId: longId,
    specId: z.int(),
    /** For people: `date_month=2001-03`; empty if the table is not partitioned. */
    partition: z.string(),
    /** From the cached footer of the file; null if it has not been read yet. */
    codec: z.string().nullable(),
    plainBytes: count.nullable(),
  })
  .register(contractSchemas, { id: 'LiveFile' })
export type LiveFile = z.output<typeof liveFile>

export const listFiles = endpoint({
  summary: 'Lists the data files of a snapshot in scan order, a page at a time',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/files',
  permission: 'table:read',
  input: tableAsOfInput.extend({ offset: intInQuery.optional() }),
  output: z.object({
    snapshotId: longId.nullable(),
    manifestCount: count,
    manifestBytes: count,
    totalCount: count,
    totalBytes: count,
    files: z.array(liveFile).max(1000),
    nextOffset: z.int().nullable(),
  }),
})
