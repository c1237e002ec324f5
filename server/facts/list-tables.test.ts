import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { Namespace } from '@/lib/names/identifiers'
import { isCovered, listAllTables } from './list-tables'

const { signal } = new AbortController()
const table = (namespace: Namespace, name: string) => ({ catalog: 'lake', namespace, table: name })

/** A catalog with one table in each of these namespaces. */
function catalogOf(namespaces: readonly string[], failureOf: (namespace: string) => AppError | null) {
  const all = namespaces.map((name) => name.split('.'))
  const failIfSo = (namespace: Namespace) => {
    const error = failureOf(namespace.join('.'))
    if (error) throw error
  }
  return {
    listNamespaces: async (parent: Namespace | null) => {
      failIfSo(parent ?? [])
      const depth = (parent?.length ?? 0) + 1
      return all.filter((one) => one.length === depth && (parent ?? []).every((level, index) => one[index] === level))
    },
    listTables: async (namespace: Namespace) => {
      failIfSo(namespace)
      return [table(namespace, 't')]
    },
  }
}

describe('A list of all tables', () => {
  it('says nothing about namespaces that cannot be listed, and has all others', async () => {
    const catalog = catalogOf(['a', 'b', 'b.c', 'd'], (namespace) =>
      namespace === 'b' ? new AppError('forbidden', 'no') : namespace === 'd' ? new AppError('not-found', 'no') : null,
    )
    const list = await listAllTables(catalog, { maxTables: 10, signal })
    expect(list).toMatchObject({ tables: [table(['a'], 't')], isTruncated: false, failure: null })
    expect(['a', 'b', 'd'].map((name) => isCovered(list, table([name], 'old')))).toEqual([true, false, true])
    expect(isCovered(list, table(['b', 'c'], 't'))).toBe(false)
  })

  it('has no more tables than the limit, and then no other table is missing', async () => {
    const list = await listAllTables(
      catalogOf(['a', 'b', 'c'], () => null),
      { maxTables: 2, signal },
    )
    expect(list.tables).toEqual([table(['a'], 't'), table(['b'], 't')])
    expect(isCovered(list, table(['a'], 'old'))).toBe(false)
  })

  it('ends when the catalog does not answer, but not at one namespace', async () => {
    const down = new AppError('catalog-unavailable', 'no')
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const one = await listAllTables(
      catalogOf(names, (name) => (name === 'b' ? down : null)),
      { maxTables: 9, signal },
    )
    expect(one).toMatchObject({ failure: null, unlisted: [['b']] })
    const all = await listAllTables(
      catalogOf(names, (name) => (name > 'a' ? down : null)),
      { maxTables: 9, signal },
    )
    expect(all).toMatchObject({ tables: [table(['a'], 't')], failure: down })
    await expect(
      listAllTables(
        catalogOf(names, () => down),
        { maxTables: 9, signal },
      ),
    ).rejects.toBe(down)
  })
})
