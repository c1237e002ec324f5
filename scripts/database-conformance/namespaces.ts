import { describe, expect, test } from 'vitest'
import {
  deleteEmptyNamespace,
  deleteNamespaceProperty,
  insertNamespace,
  insertNamespaceProperty,
  isNamespaceThere,
  markNamespace,
  readNamespaceProperties,
  readNamespaces,
  readNamespacesNamed,
  setNamespaceProperty,
} from '@/server/db/catalog-namespaces'
import { deleteRow, insertRow, readTableRow } from '@/server/db/catalog-rows'
import {
  atOnce,
  AT_ONCE,
  byBytes,
  LONGEST_VALUE,
  NAMES,
  type OpenDatabase,
  ownDatabase,
  TEXTS,
  undoneBy,
} from './testbed'

/** Names that a range or a pattern would take for one below `ns`, or for one above another. */
const NEIGHBOURS = [
  'ns',
  'ns-x',
  'ns.a',
  'ns.a.b.c',
  'ns/x',
  'ns0',
  'nsa',
  'NS',
  'ns%',
  'n',
  'n_',
  'ns.é',
  'ns.B',
  'ns.b',
]
const LEVEL_CHARACTERS = ['a', 'B', '-', '/', '0', 'ä', '\u{1F600}', '_', '%', '\uFB00', "'", ' ']

const levels = (name: string) => name.split('.')

/** The same names in each run. */
function scatteredNames(count: number): string[] {
  let seed = 7
  const below = (end: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % end
  }
  const level = () =>
    Array.from({ length: 1 + below(3) }, () => LEVEL_CHARACTERS[below(LEVEL_CHARACTERS.length)]).join('')
  const names = Array.from({ length: count }, () => Array.from({ length: 1 + below(4) }, level).join('.'))
  return [...new Set(names)]
}

export function proveNamespaces(open: OpenDatabase): void {
  describe('Namespaces', () => {
    const database = ownDatabase(open)
    const create = (name: string, catalog = 'c') => database().commit([insertNamespace(catalog, levels(name))])
    const isThere = (name: string, catalog = 'c') => isNamespaceThere(database(), catalog, levels(name))
    const properties = (name: string, catalog = 'c') => readNamespaceProperties(database(), catalog, levels(name))
    const drop = async (name: string, catalog = 'c') => {
      const { length } = await properties(name, catalog)
      return database().commit([deleteEmptyNamespace(catalog, levels(name), length)])
    }

    test.each([...NAMES.filter((name) => !name.includes('.')), ...TEXTS])('are there once made: %j', async (name) => {
      expect(await isNamespaceThere(database(), 'names', [name])).toBe(false)
      expect(await database().commit([insertNamespace('names', [name])])).toEqual([1])
      expect(await isNamespaceThere(database(), 'names', [name])).toBe(true)
      expect(await isNamespaceThere(database(), 'Names', [name])).toBe(false)
      expect(await readNamespaceProperties(database(), 'names', [name])).toEqual([{ key: 'exists', value: 'true' }])
      await expect(database().commit([insertNamespace('names', [name])])).rejects.toThrow(undoneBy(0))
    })

    test.each(NEIGHBOURS)('are there by what is in them and by nothing else: %s', async (made) => {
      const catalog = `only ${made}`
      await create(made, catalog)
      for (const name of NEIGHBOURS)
        expect(await isThere(name, catalog), name).toBe(name === made || made.startsWith(`${name}.`))
      const table = { catalog: `table in ${made}`, namespace: levels(made), table: 't' }
      await create(made, table.catalog)
      await database().commit([insertRow(table, 'm1', 'view')])
      await database().commit([deleteNamespaceProperty(table.catalog, levels(made), 'exists')])
      for (const name of NEIGHBOURS)
        expect(await isThere(name, table.catalog), name).toBe(name === made || made.startsWith(`${name}.`))
    })

    test('are made above what is there only for the sake of properties', async () => {
      await create('above.below', 'above')
      expect(await isThere('above', 'above')).toBe(true)
      await expect(create('above', 'above')).rejects.toThrow(undoneBy(0))
      expect(await properties('above', 'above')).toEqual([])
      expect(await database().commit([setNamespaceProperty('above', ['above'], 'owner', 'ada')])).toEqual([1])
      expect(await properties('above', 'above')).toEqual([{ key: 'owner', value: 'ada' }])
    })

    test('have properties in the order of their bytes', async () => {
      await create('properties')
      const namespace = ['properties']
      const keys = [...NAMES, ...TEXTS]
      await database().commit(keys.map((key) => insertNamespaceProperty('c', namespace, key, `${key} is set`)))
      const all = [...keys, 'exists'].toSorted(byBytes)
      expect((await properties('properties')).map(({ key }) => key)).toEqual(all)
      for (const key of keys) {
        expect(await database().commit([setNamespaceProperty('c', namespace, key, LONGEST_VALUE)])).toEqual([1])
        expect((await properties('properties')).find((one) => one.key === key)?.value).toBe(LONGEST_VALUE)
        expect(await database().commit([deleteNamespaceProperty('c', namespace, key)])).toEqual([1])
        await expect(database().commit([deleteNamespaceProperty('c', namespace, key)])).rejects.toThrow(undoneBy(0))
      }
      expect(await properties('properties')).toEqual([{ key: 'exists', value: 'true' }])
      const twice = [
        insertNamespaceProperty('c', namespace, 'a', '1'),
        insertNamespaceProperty('c', namespace, 'a', '2'),
      ]
      await expect(database().commit(twice)).rejects.toThrow(undoneBy(1))
      await expect(database().commit([setNamespaceProperty('c', ['none'], 'a', '1')])).rejects.toThrow(undoneBy(0))
      expect(await database().commit([markNamespace('c', namespace)])).toEqual([0])
      expect(await database().commit([markNamespace('c', ['marked'])])).toEqual([1])
    })

    test('are removed only where nothing is in them, and nothing changed meanwhile', async () => {
      for (const name of NEIGHBOURS.filter((name) => !['n', 'ns.a'].includes(name))) {
        if (!(await isThere(name, 'drop'))) await create(name, 'drop')
      }
      await expect(drop('ns', 'drop')).rejects.toThrow(/changed/)
      for (const name of ['ns.a.b.c', 'ns.é', 'ns.B', 'ns.b']) {
        await expect(drop('ns', 'drop')).rejects.toThrow(undoneBy(0))
        expect(await drop(name, 'drop')).toEqual([1])
      }
      await expect(database().commit([deleteEmptyNamespace('drop', ['ns'], 2)])).rejects.toThrow(undoneBy(0, 1))
      const table = { catalog: 'drop', namespace: ['ns'], table: 't' }
      await database().commit([insertRow(table, 'm1', 'table')])
      await expect(drop('ns', 'drop')).rejects.toThrow(undoneBy(0))
      await database().commit([deleteRow(table, 'm1', 'table')])
      expect(await drop('ns', 'drop')).toEqual([1])
      for (const name of ['ns-x', 'ns/x', 'ns0', 'nsa', 'NS', 'ns%', 'n_'])
        expect(await isThere(name, 'drop')).toBe(true)
    })

    test('are listed in the order of their bytes, all of them or those below one', async () => {
      const names = [...new Set([...scatteredNames(120), ...NEIGHBOURS])]
      for (const [i, name] of names.entries()) {
        if (i % 3 === 0) {
          // Without properties of its own: a table is in it.
          const ref = { catalog: 'listed', namespace: levels(name), table: 't' }
          await database().commit([
            markNamespace('listed', ref.namespace),
            insertRow(ref, 'm', 'table'),
            deleteNamespaceProperty('listed', ref.namespace, 'exists'),
          ])
        } else await database().commit([markNamespace('listed', levels(name))])
        await database().commit([markNamespace('other', levels(`${name}.other`))])
      }
      const parents = [
        null,
        ...new Set(names.flatMap((name) => levels(name).map((_, i) => levels(name).slice(0, i + 1)))),
      ]
      for (const parent of parents) {
        const prefix = parent === null ? '' : `${parent.join('.')}.`
        const below = names.filter((name) => name.startsWith(prefix)).toSorted(byBytes)
        expect(await readNamespaces(database(), 'listed', parent, { isDirect: false })).toEqual(below)
        const childOf = (name: string) => levels(name.slice(prefix.length))[0]
        const direct = await readNamespaces(database(), 'listed', parent, { isDirect: true })
        expect(below).toEqual(expect.arrayContaining(direct))
        expect(new Set(direct.map(childOf))).toEqual(new Set(below.map(childOf)))
        expect(direct).toEqual(direct.toSorted(byBytes))
        for (const limit of [1, 2, 7]) {
          const paged: string[] = []
          for (;;) {
            const after = paged.at(-1) ?? null
            const page = await readNamespaces(database(), 'listed', parent, { isDirect: true, after, limit })
            paged.push(...page)
            if (page.length < limit) break
          }
          expect(paged, `pages of ${limit}`).toEqual(direct)
        }
      }
      expect(await readNamespaces(database(), 'none', null, { isDirect: true })).toEqual([])
    })

    test('are read from child to child, however much is below each', async () => {
      const many = Array.from({ length: 50 }, (_, i) => markNamespace('seek', ['a', `below ${i}`]))
      await database().commit([...many, markNamespace('seek', ['b'])])
      expect(await readNamespaces(database(), 'seek', null, { isDirect: true })).toEqual(['a.below 0', 'b'])
    })

    test('are found by their whole names, as the namespace of a table or of a property', async () => {
      await database().commit([markNamespace('named', ['a']), markNamespace('named', ['b', 'c'])])
      await database().commit([markNamespace('named', ['b', 'd'])])
      await database().commit([insertRow({ catalog: 'named', namespace: ['b', 'd'], table: 't' }, 'm', 'table')])
      await database().commit([deleteNamespaceProperty('named', ['b', 'd'], 'exists')])
      const named = (names: readonly string[]) => readNamespacesNamed(database(), 'named', names)
      expect(await named(['a', 'A', 'b', 'b.c', 'b.d', 'b.'])).toEqual(new Set(['a', 'b.c', 'b.d']))
      expect(await named([])).toEqual(new Set())
    })

    test('are made once by many at once', async () => {
      const { done, refused } = await atOnce(() => create('race'))
      expect(done).toEqual([[1]])
      expect(refused).toEqual(Array(AT_ONCE - 1).fill(undoneBy(0)))
    })

    test('are either there with a table in them or gone, whoever comes first', async () => {
      for (let i = 0; i < AT_ONCE; i += 1) await create(`contested ${i}`)
      const outcomes = await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, i) => {
          const ref = { catalog: 'c', namespace: [`contested ${i}`], table: 't' }
          const [made, dropped] = await Promise.allSettled([
            database().commit([insertRow(ref, 'm', 'table')]),
            drop(`contested ${i}`),
          ])
          return { ref, isMade: made.status === 'fulfilled', isDropped: dropped.status === 'fulfilled' }
        }),
      )
      for (const { ref, isMade, isDropped } of outcomes) {
        expect(isMade).toBe(!isDropped)
        expect(await isNamespaceThere(database(), 'c', ref.namespace)).toBe(isMade)
        expect((await readTableRow(database(), ref)) !== null).toBe(isMade)
      }
    })
  })
}
