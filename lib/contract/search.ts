import { z } from 'zod'
import { endpoint } from './endpoint'
import { unreachableCatalog } from './shapes/lake'
import { contractSchemas } from './shapes/schemas'
import { namespaceOnWire } from './shapes/wire'

export const searchHit = z
  .object({
    catalog: z.string(),
    namespace: namespaceOnWire,
    /** Null: the namespace itself. */
    entry: z.object({ kind: z.enum(['table', 'view']), name: z.string() }).nullable(),
  })
  .register(contractSchemas, { id: 'SearchHit' })
export type SearchHit = z.output<typeof searchHit>

export const searchLake = endpoint({
  summary: 'Finds tables, views and namespaces whose full name contains every word, closest first',
  method: 'GET',
  path: '/api/v1/search',
  permission: 'signed-in',
  input: z.object({ words: z.string().max(200) }),
  output: z.object({
    hits: z.array(searchHit).max(50),
    /** There are more results than returned, or the lake was too large to search completely. */
    isCut: z.boolean(),
    /** Catalogs that could not be searched. */
    unreachable: z.array(unreachableCatalog).max(200),
  }),
})
