import 'server-only'
import {
  changeQuery,
  getQuery,
  getQueryVersion,
  listQueries,
  listQueryVersions,
  removeQuery,
  saveQuery,
} from '@/lib/contract/queries'
import { serve } from '@/server/http/serve'
import {
  changeQuery as change,
  listVisibleQueries,
  listVisibleVersions,
  readQuery,
  readQueryVersion,
  removeQuery as remove,
  saveQuery as save,
} from '@/server/query/saved-queries'
import type { Services } from '@/server/services'

export function queryEndpoints(services: Services) {
  return [
    serve(services, getQuery, async ({ query }, { actor }) => ({ query: await readQuery(services, actor, query) })),
    serve(services, listQueryVersions, async ({ query }, { actor }) => ({
      versions: await listVisibleVersions(services, actor, query),
    })),
    serve(services, getQueryVersion, async ({ query, version }, { actor }) => ({
      version: await readQueryVersion(services, actor, query, version),
    })),
    serve(services, changeQuery, async ({ query, ...form }, { actor, requestId }) => ({
      query: await change(services, actor, query, form, requestId),
    })),
    serve(services, removeQuery, async ({ query }, { actor, requestId }) => {
      await remove(services, actor, query, requestId)
      return {}
    }),
    serve(services, listQueries, ({ contains, before, limit }, { actor }) =>
      listVisibleQueries(services, actor, {
        ...(contains !== undefined && { contains }),
        ...(before !== undefined && { before }),
        ...(limit !== undefined && { limit }),
      }),
    ),
    serve(services, saveQuery, async (form, { actor, requestId }) => ({
      query: await save(services, actor, form, requestId),
    })),
  ]
}
