import 'server-only'
import { asTableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'

/** The REST path of a view, and of the views of its namespace, percent-encoded. */
export async function viewPaths(
  catalog: Pick<CatalogClient, 'commitPath'>,
  view: ViewIdentifier,
  signal: AbortSignal,
): Promise<{ view: string; views: string; rename: string }> {
  const path = await catalog.commitPath(asTableIdentifier(view), { signal })
  // The names are percent-encoded, so they contain no slash.
  const views = `${path.slice(0, path.lastIndexOf('/tables/'))}/views`
  return {
    views,
    view: `${views}/${encodeURIComponent(view.view)}`,
    rename: `${path.slice(0, path.lastIndexOf('/namespaces/'))}/views/rename`,
  }
}
