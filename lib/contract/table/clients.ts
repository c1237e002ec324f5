import * as z from 'zod'
import { endpoint } from '../endpoint'
import { contractSchemas } from '../shapes/schemas'
import { tableInput } from '../shapes/wire'

export const MAX_TABLE_CLIENTS = 100

/** A day in UTC, `2026-11-26`. */
const day = z.iso.date()

/** An engine, a library or another program that used a table. */
const tableClient = z
  .object({
    /** Its own name for itself, such as `Spark` or `PyIceberg`; null if it does not say. */
    name: z.string().nullable(),
    version: z.string().nullable(),
    /** The library through which a named engine reaches the catalog, such as `Apache Iceberg 1.10.0`; null if unknown. */
    library: z.string().nullable(),
    /** The last day on which it loaded the table, planned a scan or reported one; null: not recorded. */
    lastReadOn: day.nullable(),
    /** The last day on which it committed; null: not recorded. */
    lastWrittenOn: day.nullable(),
  })
  .register(contractSchemas, { id: 'TableClient' })
export type TableClient = z.output<typeof tableClient>

export const listTableClients = endpoint({
  summary: 'Lists the engines and other clients that read or wrote a table in the last 90 days',
  description:
    'Known from requests to the REST catalog of this server, and from the engines that snapshots name; the latest first, at most 100. Programs that read the files of a table without its catalog are not known. Other catalogs do not tell who reads their tables: `recordedSince` is then null, and only engines that snapshots name are listed.',
  method: 'GET',
  path: '/api/v1/catalogs/:catalog/namespaces/:namespace/tables/:table/clients',
  permission: 'table:read',
  input: tableInput,
  output: z.object({
    clients: z.array(tableClient).max(MAX_TABLE_CLIENTS),
    /** Whether there are more than a limit allows, or were on a day. */
    isTruncated: z.boolean(),
    /** The first day that is recorded. Null: the clients of this catalog are not recorded. */
    recordedSince: day.nullable(),
  }),
})
export type TableClients = z.output<typeof listTableClients.output>
