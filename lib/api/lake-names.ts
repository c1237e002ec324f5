import { AppError } from '@/lib/errors'
import type { LakeNames } from '@/lib/query/session/lake-names'
import { callEndpoint } from './call-endpoint'

/** The names that our API lists for the user. */
export const lakeNames: LakeNames = {
  listNamespaces: async (catalog, parent, options) => {
    const { namespaces, isTruncated } = await callEndpoint(
      'listNamespaces',
      { catalog, ...(parent && { parent }) },
      options,
    )
    return { namespaces: namespaces.map(({ namespace }) => namespace), isTruncated }
  },

  listTables: (catalog, namespace, options) =>
    listPages(async (offset) => {
      const { tables, nextOffset } = await callEndpoint('listTables', { catalog, namespace, offset }, options)
      return { names: tables, nextOffset }
    }),

  listViews: (catalog, namespace, options) =>
    listPages(async (offset) => {
      const { views, nextOffset } = await callEndpoint('listViews', { catalog, namespace, offset }, options)
      return { names: views, nextOffset }
    }).catch((error: unknown) => {
      // Not every catalog has views.
      if (error instanceof AppError && error.code === 'not-supported') return []
      throw error
    }),
}

async function listPages(
  read: (offset: number) => Promise<{ names: readonly string[]; nextOffset: number | null }>,
): Promise<readonly string[]> {
  const names: string[] = []
  for (let offset: number | null = 0; offset !== null; ) {
    const page: Awaited<ReturnType<typeof read>> = await read(offset)
    names.push(...page.names)
    offset = page.nextOffset
  }
  return names
}
