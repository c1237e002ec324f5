import { z } from 'zod'
import { endpoint } from './endpoint'
import { unreachableCatalog } from './lake'
import { namespaceOnWire } from './wire'

export const searchHit = z.object({
  catalog: z.string(),
  namespace: namespaceOnWire,
  /** Null: the namespace itself. */
  entry: z.object({ kind: z.enum(['table', 'view']), name: z.string() }).nullable(),
})
export type SearchHit = z.output<typeof searchHit>

/** Tables, views and namespaces whose full name holds every word, the closest first. */
export const searchLake = endpoint({
  method: 'GET',
  path: '/api/v1/search',
  permission: 'signed-in',
  input: z.object({ words: z.string().max(200) }),
  output: z.object({
    hits: z.array(searchHit).max(50),
    /** More were found than are told, or the lake was too large to look through whole. */
    isCut: z.boolean(),
    /** Catalogs that could not be looked through. */
    unreachable: z.array(unreachableCatalog).max(200),
  }),
})
