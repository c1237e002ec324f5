import { describe, expect, test } from 'vitest'
import { rawChange } from '@/scripts/test-sql'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { insertNamespace, markNamespace } from '@/server/db/catalog-namespaces'
import {
  countRowsIn,
  deleteRow,
  holdRow,
  insertRow,
  readMetadataLocations,
  readNames,
  readRowsBelow,
  readTableRow,
  renameRow,
  type RowKind,
  swapMetadata,
} from '@/server/db/catalog-rows'
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

const ref = (table: string, namespace: readonly string[] = ['ns'], catalog = 'c'): TableRef => ({
  catalog,
  namespace,
  table,
})

export function proveTables(open: OpenDatabase): void {
  describe('Tables and views', () => {
    const database = ownDatabase(open)
    const insert = (one: TableRef, location = 'm1', kind: RowKind = 'table') =>
      database().commit([markNamespace(one.catalog, one.namespace), insertRow(one, location, kind)])
    const row = (one: TableRef) => readTableRow(database(), one)
    const location = async (one: TableRef) => (await row(one))?.metadataLocation

    test.each([...NAMES, ...TEXTS])('are found by their name: %j', async (name) => {
      const one = ref(name, [name], name)
      expect(await row(one)).toBeNull()
      await insert(one, LONGEST_VALUE)
      expect(await row(one)).toEqual({
        metadataLocation: LONGEST_VALUE,
        previousMetadataLocation: null,
        isView: false,
      })
      expect(await readNames(database(), name, [name], 'table')).toEqual([name])
      expect(await readNames(database(), name, [name, 'below'], 'table')).toEqual([])
    })

    test('are listed by kind, in the order of their bytes', async () => {
      for (const [i, name] of NAMES.entries()) await insert(ref(name, ['listed']), 'm', i % 2 ? 'view' : 'table')
      await insert(ref('not listed', ['listed', 'below']))
      await insert(ref('of another', ['listed'], 'other'))
      await insert(ref('old', ['listed']))
      await database().commit([
        rawChange("UPDATE iceberg_tables SET iceberg_type = NULL WHERE table_name = 'old'", [], 1),
      ])
      const tables = [...NAMES.filter((_, i) => i % 2 === 0), 'old']
      expect(await readNames(database(), 'c', ['listed'], 'table')).toEqual(tables.toSorted(byBytes))
      const inOrder = tables.toSorted(byBytes)
      const page = { after: inOrder[1] ?? null, limit: 3 }
      expect(await readNames(database(), 'c', ['listed'], 'table', page)).toEqual(inOrder.slice(2, 5))
      const counted = await countRowsIn(database(), 'c', ['listed', 'listed.below', 'none'])
      expect(counted.get('listed.below')).toEqual({ tableCount: 1, viewCount: 0 })
      expect(counted.get('listed')).toEqual({ tableCount: tables.length, viewCount: NAMES.length - tables.length + 1 })
      expect(counted.has('none')).toBe(false)
      expect(await countRowsIn(database(), 'c', [])).toEqual(new Map())
      const views = NAMES.filter((_, i) => i % 2)
      expect(await readNames(database(), 'c', ['listed'], 'view')).toEqual(views.toSorted(byBytes))
      expect(await row(ref('old', ['listed']))).toMatchObject({ isView: false })
    })

    test('have one space of names, in namespaces that are there', async () => {
      await insert(ref('taken'))
      await expect(database().commit([insertRow(ref('taken'), 'm2', 'view')])).rejects.toThrow(undoneBy(0))
      await expect(database().commit([insertRow(ref('t', ['none']), 'm', 'table')])).rejects.toThrow(undoneBy(0))
      const both = [insertNamespace('c', ['new']), insertRow(ref('t', ['new']), 'm', 'table')]
      expect(await database().commit(both)).toEqual([1, 1])
      expect(await location(ref('taken'))).toBe('m1')
      expect(await row(ref('Taken'))).toBeNull()
    })

    test('are swapped from the metadata that was read', async () => {
      const one = ref("it's % swapped")
      await insert(one)
      expect(await database().commit([swapMetadata(one, 'm1', LONGEST_VALUE, 'table')])).toEqual([1])
      expect(await row(one)).toEqual({
        metadataLocation: LONGEST_VALUE,
        previousMetadataLocation: 'm1',
        isView: false,
      })
      await expect(database().commit([swapMetadata(one, 'm1', 'm3', 'table')])).rejects.toThrow(undoneBy(0))
      await expect(database().commit([swapMetadata(one, LONGEST_VALUE, 'm3', 'view')])).rejects.toThrow(undoneBy(0))
      expect(await database().commit([holdRow(one, LONGEST_VALUE)])).toEqual([1])
      await expect(database().commit([holdRow(one, 'm1')])).rejects.toThrow(undoneBy(0))
      expect(await location(one)).toBe(LONGEST_VALUE)
    })

    test('are swapped by one of many at once', async () => {
      const one = ref('race')
      await insert(one)
      const { done, refused } = await atOnce((i) => database().commit([swapMetadata(one, 'm1', `by ${i}`, 'table')]))
      expect(done).toEqual([[1]])
      expect(refused).toEqual(Array(AT_ONCE - 1).fill(undoneBy(0)))
      expect(await row(one)).toMatchObject({ previousMetadataLocation: 'm1', metadataLocation: /^by / })
    })

    test('are swapped together or not at all', async () => {
      const [a, b, c] = [ref('a'), ref('b'), ref('c')]
      for (const one of [a, b, c]) await insert(one)
      const swaps = [swapMetadata(a, 'm1', 'm2', 'table'), holdRow(c, 'm1'), swapMetadata(b, 'other', 'm2', 'table')]
      await expect(database().commit(swaps)).rejects.toThrow(undoneBy(2))
      expect(await location(a)).toBe('m1')
    })

    test('are renamed to names that are free, in namespaces that are there', async () => {
      const [from, to, taken] = [ref('from'), ref('to', ['ns', 'below']), ref('from taken')]
      await insert(from)
      await insert(taken, 'm1', 'view')
      await expect(database().commit([renameRow(from, taken, 'table')])).rejects.toThrow(undoneBy(0))
      await expect(database().commit([renameRow(from, to, 'table')])).rejects.toThrow(undoneBy(0))
      await expect(database().commit([renameRow(from, ref('x'), 'view')])).rejects.toThrow(undoneBy(0))
      await expect(database().commit([renameRow(ref('none'), ref('x'), 'table')])).rejects.toThrow(undoneBy(0))
      await expect(database().commit([renameRow(ref('none'), ref('none'), 'table')])).rejects.toThrow(undoneBy(0))
      expect(await database().commit([renameRow(from, from, 'table')])).toEqual([1])
      expect(await location(from)).toBe('m1')
      await database().commit([markNamespace('c', ['ns', 'below'])])
      expect(await database().commit([renameRow(from, to, 'table')])).toEqual([1])
      expect([await location(from), await location(to)]).toEqual([undefined, 'm1'])
      expect(await database().commit([renameRow(to, ref('FROM taken'), 'table')])).toEqual([1])
    })

    test('are renamed to one name by one of many at once', async () => {
      for (let i = 0; i < AT_ONCE; i += 1) await insert(ref(`many ${i}`), `m of ${i}`)
      const { done, refused } = await atOnce((i) =>
        database().commit([renameRow(ref(`many ${i}`), ref('wanted'), 'table')]),
      )
      expect(done).toEqual([[1]])
      expect(refused).toEqual(Array(AT_ONCE - 1).fill(undoneBy(0)))
      expect(await location(ref('wanted'))).toMatch(/^m of /)
    })

    test('are removed as they were read', async () => {
      const one = ref('removed')
      await insert(one)
      await expect(database().commit([deleteRow(one, 'm2', 'table')])).rejects.toThrow(undoneBy(0))
      await expect(database().commit([deleteRow(one, null, 'table')])).rejects.toThrow(undoneBy(0))
      await expect(database().commit([deleteRow(one, 'm1', 'view')])).rejects.toThrow(undoneBy(0))
      expect(await database().commit([deleteRow(one, 'm1', 'table')])).toEqual([1])
      expect(await row(one)).toBeNull()
      await insert(one)
      await database().commit([
        rawChange("UPDATE iceberg_tables SET metadata_location = NULL WHERE table_name = 'removed'", [], 1),
      ])
      expect(await row(one)).toMatchObject({ metadataLocation: null })
      expect(await database().commit([deleteRow(one, null, 'table')])).toEqual([1])
    })

    test('have their metadata at one place each, in all catalogs together', async () => {
      const some = [ref('placed', ['ns'], 'placed 1'), ref('placed', ['ns'], 'placed 2')]
      for (const [i, one] of some.entries()) await insert(one, `file:///placed/${i}`)
      await insert(ref('without', ['ns'], 'placed 1'))
      await database().commit([
        rawChange("UPDATE iceberg_tables SET metadata_location = NULL WHERE table_name = 'without'", [], 1),
      ])
      const locations = await readMetadataLocations(database())
      expect(locations.filter((one) => one.startsWith('file:///placed/')).toSorted()).toEqual([
        'file:///placed/0',
        'file:///placed/1',
      ])
      expect(locations).not.toContain(null)
    })

    test('are found by the folder of their metadata', async () => {
      const folders = ['a', 'a-b', 'a/b', 'a0', 'A', 'ab', 'a%', 'a_', 'ä', '\u{1F600}']
      for (const folder of folders) await insert(ref(folder, ['found']), `file:///lake/${folder}/metadata/v1.json`)
      const below = async (...prefixes: string[]) =>
        (await readRowsBelow(database(), prefixes)).map(({ table }) => table).toSorted(byBytes)
      expect(await below('file:///lake/a/')).toEqual(['a', 'a/b'])
      for (const folder of folders.filter((folder) => folder !== 'a'))
        expect(await below(`file:///lake/${folder}/`)).toEqual([folder])
      expect(await below('file:///lake/a0/', 'file:///lake/none/', 'file:///lake/ä/')).toEqual(['a0', 'ä'])
      expect(await below('file:///lake/')).toHaveLength(10)
      expect(await below('file:///lak/')).toEqual([])
      expect(await below()).toEqual([])
      expect(await readRowsBelow(database(), ['file:///lake/ä/'])).toEqual([ref('ä', ['found'])])
    })
  })
}
