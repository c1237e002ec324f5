import 'server-only'
import type { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Services } from '@/server/services'
import type { RequestContext, ServedEndpoint } from './handle-request'
import { serve } from './serve'

/** As {@link serve}, with the table that the input names. The context has its catalog, opened for the caller. */
export function serveTable<I extends z.ZodObject & z.ZodType<TableIdentifier>, O extends z.ZodType>(
  services: Services,
  endpoint: Endpoint<I, O>,
  work: (
    table: LoadedTable,
    input: z.output<I>,
    context: RequestContext & { catalog: CatalogClient },
  ) => Promise<z.output<O>>,
): ServedEndpoint {
  return serve(services, endpoint, async (input, context) => {
    const { actor, signal } = context
    const catalog = await services.catalogs.open(input.catalog, actor)
    return await work(await catalog.loadTable(input, { signal }), input, { ...context, catalog })
  })
}
