import { describe, expect, test } from 'vitest'
import {
  deleteEmptyNamespace,
  deleteNamespaceProperty,
  insertNamespace,
  insertNamespaceProperty,
  hasNamespace,
  insertNamespaceMarker,
  readNamespaceProperties,
  readNamespaces,
  readExistingNamespaces,
  setNamespaceProperty,
} from '@/server/db/catalog/namespaces'
import { deleteRow, insertRow, readTableRow } from '@/server/db/catalog/table-rows'
import {
  runConcurrently,
  CONCURRENCY,
  compareBytes,
  MAX_LENGTH_VALUE,
  NAMES,
  type OpenDatabase,
  setUpDatabase,
  TEXTS,
  undoneAtChange,
} from '../testbed'

/** Names that a range or a pattern could mistake for one below `ns`, or for one above another. */
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
const LEVEL_LETTERS = ['a', 'B', '-', '/', '0', 'ä', '\u{1F600}', '_', '%', '\uFB00', "'", ' ']

const levels = (name: string) => name.split('.')

/** Pseudo-random names, the same in each run. */
function scatteredNames(count: number): string[] {
  let seed = 7
  const below = (end: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % end
  }
  const level = () => Array.from({ length: 1 + below(3) }, () => LEVEL_LETTERS[below(LEVEL_LETTERS.length)]).join('')
  const names = Array.from({ length: count }, () => Array.from({ length: 1 + below(4) }, level).join('.'))
  return [...new Set(names)]
}

export function describeNamespaces(open: OpenDatabase): void {
  describe('Namespaces', () => {
    const database = setUpDatabase(open)
    const create = (name: string, catalog = 'c') => database().commit([insertNamespace(catalog, levels(name))])
    const exists = (name: string, catalog = 'c') => hasNamespace(database(), catalog, levels(name))
    const properties = (name: string, catalog = 'c') => readNamespaceProperties(database(), catalog, levels(name))
    const drop = async (name: string, catalog = 'c') => {
      const { length } = await properties(name, catalog)
      return database().commit([deleteEmptyNamespace(catalog, levels(name), length)])
    }

    test.each([...NAMES.filter((name) => !name.includes('.')), ...TEXTS])(
      'exist once they are created: %j',
      async (name) => {
        expect(await hasNamespace(database(), 'names', [name])).toBe(false)
        expect(await database().commit([insertNamespace('names', [name])])).toEqual([1])
        expect(await hasNamespace(database(), 'names', [name])).toBe(true)
        expect(await hasNamespace(database(), 'Names', [name])).toBe(false)
        expect(await readNamespaceProperties(database(), 'names', [name])).toEqual([{ key: 'exists', value: 'true' }])
        await expect(database().commit([insertNamespace('names', [name])])).rejects.toThrow(undoneAtChange(0))
      },
    )

    test.each(NEIGHBOURS)('exist through their contents and nothing else: %s', async (created) => {
      const catalog = `only ${created}`
      await create(created, catalog)
      for (const name of NEIGHBOURS)
        expect(await exists(name, catalog), name).toBe(name === created || created.startsWith(`${name}.`))
      const table = { catalog: `table in ${created}`, namespace: levels(created), table: 't' }
      await create(created, table.catalog)
      await database().commit([insertRow(table, 'm1', 'view')])
      await database().commit([deleteNamespaceProperty(table.catalog, levels(created), 'exists')])
      for (const name of NEIGHBOURS)
        expect(await exists(name, table.catalog), name).toBe(name === created || created.startsWith(`${name}.`))
    })

    test('are created above existing ones only for their properties', async () => {
      await create('above.below', 'above')
      expect(await exists('above', 'above')).toBe(true)
      await expect(create('above', 'above')).rejects.toThrow(undoneAtChange(0))
      expect(await properties('above', 'above')).toEqual([])
      expect(await database().commit([setNamespaceProperty('above', ['above'], 'owner', 'ada')])).toEqual([1])
      expect(await properties('above', 'above')).toEqual([{ key: 'owner', value: 'ada' }])
    })

    test('have properties in the order of their bytes', async () => {
      await create('properties')
      const namespace = ['properties']
      const keys = [...NAMES, ...TEXTS]
      await database().commit(keys.map((key) => insertNamespaceProperty('c', namespace, key, `${key} is set`)))
      const all = [...keys, 'exists'].toSorted(compareBytes)
      expect((await properties('properties')).map(({ key }) => key)).toEqual(all)
      for (const key of keys) {
        expect(await database().commit([setNamespaceProperty('c', namespace, key, MAX_LENGTH_VALUE)])).toEqual([1])
        expect((await properties('properties')).find((one) => one.key === key)?.value).toBe(MAX_LENGTH_VALUE)
        expect(await database().commit([deleteNamespaceProperty('c', namespace, key)])).toEqual([1])
        await expect(database().commit([deleteNamespaceProperty('c', namespace, key)])).rejects.toThrow(
          undoneAtChange(0),
        )
      }
      expect(await properties('properties')).toEqual([{ key: 'exists', value: 'true' }])
      const twice = [
        insertNamespaceProperty('c', namespace, 'a', '1'),
        insertNamespaceProperty('c', namespace, 'a', '2'),
      ]
      await expect(database().commit(twice)).rejects.toThrow(undoneAtChange(1))
      await expect(database().commit([setNamespaceProperty('c', ['none'], 'a', '1')])).rejects.toThrow(
        undoneAtChange(0),
      )
      expect(await database().commit([insertNamespaceMarker('c', namespace)])).toEqual([0])
      expect(await database().commit([insertNamespaceMarker('c', ['marked'])])).toEqual([1])
    })

    test('are removed only if they are empty and unchanged', async () => {
      for (const name of NEIGHBOURS.filter((name) => !['n', 'ns.a'].includes(name))) {
        if (!(await exists(name, 'drop'))) await create(name, 'drop')
      }
      await expect(drop('ns', 'drop')).rejects.toThrow(/changed/)
      for (const name of ['ns.a.b.c', 'ns.é', 'ns.B', 'ns.b']) {
        await expect(drop('ns', 'drop')).rejects.toThrow(undoneAtChange(0))
        expect(await drop(name, 'drop')).toEqual([1])
      }
      await expect(database().commit([deleteEmptyNamespace('drop', ['ns'], 2)])).rejects.toThrow(undoneAtChange(0, 1))
      const table = { catalog: 'drop', namespace: ['ns'], table: 't' }
      await database().commit([insertRow(table, 'm1', 'table')])
      await expect(drop('ns', 'drop')).rejects.toThrow(undoneAtChange(0))
      await database().commit([deleteRow(table, 'm1', 'table')])
      expect(await drop('ns', 'drop')).toEqual([1])
      for (const name of ['ns-x', 'ns/x', 'ns0', 'nsa', 'NS', 'ns%', 'n_'])
        expect(await exists(name, 'drop')).toBe(true)
    })

    test('are listed in the order of their bytes, all of them or those below one', async () => {
      const names = [...new Set([...scatteredNames(120), ...NEIGHBOURS])]
      for (const [i, name] of names.entries()) {
        if (i % 3 === 0) {
          // Has no properties, but a table.
          const identifier = { catalog: 'listed', namespace: levels(name), table: 't' }
          await database().commit([
            insertNamespaceMarker('listed', identifier.namespace),
            insertRow(identifier, 'm', 'table'),
            deleteNamespaceProperty('listed', identifier.namespace, 'exists'),
          ])
        } else await database().commit([insertNamespaceMarker('listed', levels(name))])
        await database().commit([insertNamespaceMarker('other', levels(`${name}.other`))])
      }
      const parents = [
        null,
        ...new Set(names.flatMap((name) => levels(name).map((_, i) => levels(name).slice(0, i + 1)))),
      ]
      for (const parent of parents) {
        const prefix = parent === null ? '' : `${parent.join('.')}.`
        const below = names.filter((name) => name.startsWith(prefix)).toSorted(compareBytes)
        expect(await readNamespaces(database(), 'listed', parent, { isDirect: false })).toEqual(below)
        const childOf = (name: string) => levels(name.slice(prefix.length))[0]
        const direct = await readNamespaces(database(), 'listed', parent, { isDirect: true })
        expect(below).toEqual(expect.arrayContaining(direct))
        expect(new Set(direct.map(childOf))).toEqual(new Set(below.map(childOf)))
        expect(direct).toEqual(direct.toSorted(compareBytes))
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
      const many = Array.from({ length: 50 }, (_, i) => insertNamespaceMarker('seek', ['a', `below ${i}`]))
      await database().commit([...many, insertNamespaceMarker('seek', ['b'])])
      expect(await readNamespaces(database(), 'seek', null, { isDirect: true })).toEqual(['a.below 0', 'b'])
    })

    test('are found by their full names, as the namespace of a table or of a property', async () => {
      await database().commit([insertNamespaceMarker('named', ['a']), insertNamespaceMarker('named', ['b', 'c'])])
      await database().commit([insertNamespaceMarker('named', ['b', 'd'])])
      await database().commit([insertRow({ catalog: 'named', namespace: ['b', 'd'], table: 't' }, 'm', 'table')])
      await database().commit([deleteNamespaceProperty('named', ['b', 'd'], 'exists')])
      const named = (names: readonly string[]) => readExistingNamespaces(database(), 'named', names)
      expect(await named(['a', 'A', 'b', 'b.c', 'b.d', 'b.'])).toEqual(new Set(['a', 'b.c', 'b.d']))
      expect(await named([])).toEqual(new Set())
    })

    test('are created once by many concurrent writers', async () => {
      const { done, refused } = await runConcurrently(() => create('race'))
      expect(done).toEqual([[1]])
      expect(refused).toEqual(Array(CONCURRENCY - 1).fill(undoneAtChange(0)))
    })

    test('either exist with a table in them or are removed, whichever writer is first', async () => {
      for (let i = 0; i < CONCURRENCY; i += 1) await create(`contested ${i}`)
      const outcomes = await Promise.all(
        Array.from({ length: CONCURRENCY }, async (_, i) => {
          const identifier = { catalog: 'c', namespace: [`contested ${i}`], table: 't' }
          const [created, dropped] = await Promise.allSettled([
            database().commit([insertRow(identifier, 'm', 'table')]),
            drop(`contested ${i}`),
          ])
          return { identifier, isMade: created.status === 'fulfilled', isDropped: dropped.status === 'fulfilled' }
        }),
      )
      for (const { identifier, isMade, isDropped } of outcomes) {
        expect(isMade).toBe(!isDropped)
        expect(await hasNamespace(database(), 'c', identifier.namespace)).toBe(isMade)
        expect((await readTableRow(database(), identifier)) !== null).toBe(isMade)
      }
    })
  })
}
