import 'server-only'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import { config } from '@/server/config'
import { openDatabase } from '@/server/db/open-database'
import { openStore } from '@/server/storage/open-store'
import type { CatalogClient } from './catalog-client'
import { embeddedCatalog } from './embedded/embedded-catalog'
import { asSeenBy, mayEnter } from './seen-by'
import { withNamespaceAudit } from './with-namespace-audit'

/**
 * A catalog as this person may see it: what is listed is what a grant of theirs reaches, and namespaces they make or
 * drop are told of in the audit under their name.
 *
 * @throws {AppError} not-found when it is not there, and in the same words when no grant reaches it
 */
export async function openCatalog(name: string, actor: Actor): Promise<CatalogClient> {
  if (!catalogNames(actor).includes(name)) throw new AppError('not-found', `There is no catalog named ${name}.`)
  const { warehouse } = config()
  const catalog = embeddedCatalog({ name, warehouse, database: openDatabase(), store: openStore(name) })
  return asSeenBy(withNamespaceAudit(catalog, actor), actor)
}

/** Catalogs this person may enter, in name order. */
export function catalogNames(actor: Actor): string[] {
  return [config().catalogName].filter((catalog) => mayEnter(actor, { catalog }))
}
