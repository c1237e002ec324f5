import 'server-only'
import type { CatalogEntry } from '@/lib/contract/catalogs'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { type CatalogSummary } from '@/server/catalog/catalogs'
import type { MetricsServices } from '@/server/metrics/metrics-services'
import { TimeBudget } from './time-budget'
import { toProblem } from './to-problem'

type CatalogEntryOptions = {
  signal: AbortSignal
  requestId: string
  /** Whether to include the contents (the default); false waits for no catalog. */
  hasContents?: boolean
}

/**
 * Catalogs that the actor may enter, ordered by name. A catalog that does not answer in time is listed with its
 * problem.
 */
export async function listCatalogEntries(
  services: Pick<MetricsServices, 'catalogs' | 'log'>,
  actor: Actor,
  options: CatalogEntryOptions,
): Promise<CatalogEntry[]> {
  const summaries = await services.catalogs.listSummaries(actor)
  if (options.hasContents === false) {
    return summaries.map((summary) => ({ ...withoutContents(summary), problem: null }))
  }
  const budget = new TimeBudget(options.signal)
  return Promise.all(
    summaries.map(async (summary): Promise<CatalogEntry> => {
      try {
        const catalog = await services.catalogs.open(summary.name, actor)
        const contents = await budget.spend(catalog, (signal) => readContents(catalog, signal))
        return {
          name: summary.name,
          kind: summary.kind,
          warehouse: catalog.warehouse ?? summary.warehouse,
          ...contents,
          problem: null,
          ...labelOf(summary),
        }
      } catch (error) {
        return { ...withoutContents(summary), problem: toProblem(services.log, error, options) }
      }
    }),
  )
}

async function readContents(catalog: CatalogClient, signal: AbortSignal) {
  const [abilities, namespaces] = await Promise.all([
    catalog.abilities({ signal }),
    catalog.listNamespaces(null, { signal }),
  ])
  return { namespaceCount: namespaces.length, abilities: [...abilities] }
}

function withoutContents(summary: CatalogSummary): Omit<CatalogEntry, 'problem'> {
  const { name, kind, warehouse } = summary
  return { name, kind, warehouse, namespaceCount: null, abilities: [], ...labelOf(summary) }
}

function labelOf({ label }: CatalogSummary): Pick<CatalogEntry, 'label'> {
  return label ? { label } : {}
}
