import * as z from 'zod'
import { endpoint } from './endpoint'
import { catalogLabel } from './shapes/catalog-label'
import { inlineProblem } from './shapes/inline-problem'
import { contractSchemas } from './shapes/schemas'
import { count } from './shapes/wire'

/** `files`: tables opened from their metadata files, without a catalog. */
export const catalogKind = z.enum(['embedded', 'rest', 'files'])

/**
 * Abilities that a catalog may have in addition to listing namespaces and loading tables. The console hides the others.
 */
export const CATALOG_ABILITIES = [
  'create-namespace',
  'update-namespace',
  'drop-namespace',
  'create-table',
  'register-table',
  'rename-table',
  'drop-table',
  'purge-table',
  'commit-table',
  'commit-tables',
  'views',
  'create-view',
  'commit-view',
  'rename-view',
  'drop-view',
] as const
export type CatalogAbility = (typeof CATALOG_ABILITIES)[number]

export const catalogAbilities = z.array(z.enum(CATALOG_ABILITIES))

export const catalogEntry = z
  .object({
    name: z.string(),
    kind: catalogKind,
    /** Where new tables are stored by default; null when only the catalog knows. */
    warehouse: z.string().nullable(),
    /** Directly in it; null when the catalog was not contacted or did not answer, for the reason in `problem`. */
    namespaceCount: count.nullable(),
    /** Empty when the catalog was not contacted or did not answer. */
    abilities: catalogAbilities,
    problem: inlineProblem.nullable(),
    /** The label of its connection; absent without one. */
    label: catalogLabel.optional(),
  })
  .register(contractSchemas, { id: 'CatalogEntry' })
export type CatalogEntry = z.output<typeof catalogEntry>

export const listCatalogs = endpoint({
  summary: 'Lists the catalogs that the caller may enter, by name',
  description:
    'A catalog that does not answer is listed with its problem. With `namesOnly=true` no catalog is contacted, so the response does not wait.',
  method: 'GET',
  path: '/api/v1/catalogs',
  permission: 'signed-in',
  input: z.object({ namesOnly: z.literal('true').optional() }),
  output: z.object({ catalogs: z.array(catalogEntry).max(200) }),
})
