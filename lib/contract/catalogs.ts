import { z } from 'zod'
import { endpoint } from './endpoint'
import { count } from './wire'

/** `files`: tables opened from their metadata files, without a catalog. */
export const catalogKind = z.enum(['embedded', 'rest', 'files'])

export const catalogEntry = z.object({
  name: z.string(),
  kind: catalogKind,
  /** Where its tables are put when nothing else is said; null where only the catalog knows. */
  warehouse: z.string().nullable(),
  /** Directly in it. */
  namespaceCount: count,
})
export type CatalogEntry = z.output<typeof catalogEntry>

/** Catalogs the person may enter, in name order. */
export const listCatalogs = endpoint({
  method: 'GET',
  path: '/api/v1/catalogs',
  permission: 'signed-in',
  input: z.object({}),
  output: z.object({ catalogs: z.array(catalogEntry).max(100) }),
})
