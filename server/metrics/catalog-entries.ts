import 'server-only'
import type { CatalogEntry } from '@/lib/contract/catalogs'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/catalog-client'
import { type CatalogSign } from '@/server/catalog/catalogs'
import type { Services } from '@/server/services'
import { Patience } from './patience'
import { problemOf } from './problem-of'

type Asking = {
  signal: AbortSignal
  requestId: string
  /** Without it what is inside is told too; false waits for no catalog. */
  isAsked?: boolean
}

/** Catalogs the actor may enter, in name order; one that does not answer in time is told with its problem. */
export async function catalogEntries(
  services: Pick<Services, 'catalogs' | 'log'>,
  actor: Actor,
  asking: Asking,
): Promise<CatalogEntry[]> {
  const signs = await services.catalogs.signs(actor)
  if (asking.isAsked === false) {
    return signs.map((sign) => ({ ...unknownInside(sign), problem: null }))
  }
  const patience = new Patience(asking.signal)
  return Promise.all(
    signs.map(async (sign): Promise<CatalogEntry> => {
      try {
        const catalog = await services.catalogs.open(sign.name, actor)
        const told = await patience.spend(catalog, (signal) => insideOf(catalog, signal))
        return {
          name: sign.name,
          kind: sign.kind,
          warehouse: catalog.warehouse ?? sign.warehouse,
          ...told,
          problem: null,
        }
      } catch (error) {
        return { ...unknownInside(sign), problem: problemOf(services.log, error, asking) }
      }
    }),
  )
}

async function insideOf(catalog: CatalogClient, signal: AbortSignal) {
  const [abilities, namespaces] = await Promise.all([
    catalog.abilities({ signal }),
    catalog.listNamespaces(null, { signal }),
  ])
  return { namespaceCount: namespaces.length, abilities: [...abilities] }
}

function unknownInside({ name, kind, warehouse }: CatalogSign): Omit<CatalogEntry, 'problem'> {
  return { name, kind, warehouse, namespaceCount: null, abilities: [] }
}
