import 'server-only'
import { AppError } from '@/lib/errors'
import type { CatalogAbility } from '@/lib/contract/catalogs'
import type { CatalogClient } from './port/catalog-client'

const VERBS = {
  'create-namespace': 'create namespaces',
  'update-namespace': 'change namespaces',
  'drop-namespace': 'drop namespaces',
  'create-table': 'create tables',
  'rename-table': 'rename tables',
  'drop-table': 'drop tables',
  'purge-table': 'remove the files of tables',
  'register-table': 'register tables',
  'create-view': 'create views',
  'commit-view': 'change views',
  'rename-view': 'rename views',
  'drop-view': 'drop views',
} as const satisfies Partial<Record<CatalogAbility, string>>

/** An ability that a refusal can name. */
export type NamedAbility = keyof typeof VERBS

/** @throws {AppError} not-supported when the catalog cannot do this */
export async function requireAbility(
  catalog: CatalogClient,
  ability: NamedAbility,
  signal: AbortSignal,
): Promise<void> {
  if ((await catalog.abilities({ signal })).has(ability)) return
  throw new AppError('not-supported', `The catalog ${catalog.name} cannot ${VERBS[ability]}.`)
}
