import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { insertNamespace, insertNamespaceMarker } from '@/server/db/catalog/namespaces'
import {
  countRows,
  deleteRow,
  requireUnchangedRow,
  insertRow,
  readMetadataLocations,
  readNames,
  readRowsBelow,
  readTableRow,
  renameRow,
  type RowKind,
  swapMetadata,
} from '@/server/db/catalog/table-rows'
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

const tableIdentifier = (table: string, namespace: readonly string[] = ['ns'], catalog = 'c'): TableIdentifier => ({
  catalog,
  namespace,
  table,
})

export function describeTables(open: OpenDatabase): void {
  describe('Tables and views', () => {
    const database = setUpDatabase(open)
    const insert = (one: TableIdentifier, location = 'm1', kind: RowKind = 'table') =>
      database().commit([insertNamespaceMarker(one.catalog, one.namespace), insertRow(one, location, kind)])
    const readRow = (one: TableIdentifier) => readTableRow(database(), one)
    const readLocation = async (one: TableIdentifier) => (await readRow(one))?.metadataLocation

    test.each([...NAMES, ...TEXTS])('are found by their name: %j', async (name) => {
      const one = tableIdentifier(name, [name], name)
      expect(await readRow(one)).toBeNull()
      await insert(one, MAX_LENGTH_VALUE)
      expect(await readRow(one)).toEqual({
        metadataLocation: MAX_LENGTH_VALUE,
        previousMetadataLocation: null,
        isView: false,
      })
      expect(await readNames(database(), name, [name], 'table')).toEqual([name])
      expect(await readNames(database(), name, [name, 'below'], 'table')).toEqual([])
    })

    test('are listed by kind, in the order of their bytes', async () => {
      for (const [i, name] of NAMES.entries())
        await insert(tableIdentifier(name, ['listed']), 'm', i % 2 ? 'view' : 'table')
      await insert(tableIdentifier('not listed', ['listed', 'below']))
      await insert(tableIdentifier('of another', ['listed'], 'other'))
      await insert(tableIdentifier('old', ['listed']))
      await database().commit([
        rawChange("UPDATE iceberg_tables SET iceberg_type = NULL WHERE table_name = 'old'", [], 1),
      ])
      const tables = [...NAMES.filter((_, i) => i % 2 === 0), 'old']
      expect(await readNames(database(), 'c', ['listed'], 'table')).toEqual(tables.toSorted(compareBytes))
      const inOrder = tables.toSorted(compareBytes)
      const page = { after: inOrder[1] ?? null, limit: 3 }
      expect(await readNames(database(), 'c', ['listed'], 'table', page)).toEqual(inOrder.slice(2, 5))
      const counted = await countRows(database(), 'c', ['listed', 'listed.below', 'none'])
      expect(counted.get('listed.below')).toEqual({ tableCount: 1, viewCount: 0 })
      expect(counted.get('listed')).toEqual({ tableCount: tables.length, viewCount: NAMES.length - tables.length + 1 })
      expect(counted.has('none')).toBe(false)
      expect(await countRows(database(), 'c', [])).toEqual(new Map())
      const views = NAMES.filter((_, i) => i % 2)
      expect(await readNames(database(), 'c', ['listed'], 'view')).toEqual(views.toSorted(compareBytes))
      expect(await readRow(tableIdentifier('old', ['listed']))).toMatchObject({ isView: false })
    })

    test('share their names, and need an existing namespace', async () => {
      await insert(tableIdentifier('taken'))
      await expect(database().commit([insertRow(tableIdentifier('taken'), 'm2', 'view')])).rejects.toThrow(
        undoneAtChange(0),
      )
      await expect(database().commit([insertRow(tableIdentifier('t', ['none']), 'm', 'table')])).rejects.toThrow(
        undoneAtChange(0),
      )
      const both = [insertNamespace('c', ['new']), insertRow(tableIdentifier('t', ['new']), 'm', 'table')]
      expect(await database().commit(both)).toEqual([1, 1])
      expect(await readLocation(tableIdentifier('taken'))).toBe('m1')
      expect(await readRow(tableIdentifier('Taken'))).toBeNull()
    })

    test('are swapped only from the metadata that was read', async () => {
      const one = tableIdentifier("it's % swapped")
      await insert(one)
      expect(await database().commit([swapMetadata(one, 'm1', MAX_LENGTH_VALUE, 'table')])).toEqual([1])
      expect(await readRow(one)).toEqual({
        metadataLocation: MAX_LENGTH_VALUE,
        previousMetadataLocation: 'm1',
        isView: false,
      })
      await expect(database().commit([swapMetadata(one, 'm1', 'm3', 'table')])).rejects.toThrow(undoneAtChange(0))
      await expect(database().commit([swapMetadata(one, MAX_LENGTH_VALUE, 'm3', 'view')])).rejects.toThrow(
        undoneAtChange(0),
      )
      expect(await database().commit([requireUnchangedRow(one, MAX_LENGTH_VALUE)])).toEqual([1])
      await expect(database().commit([requireUnchangedRow(one, 'm1')])).rejects.toThrow(undoneAtChange(0))
      expect(await readLocation(one)).toBe(MAX_LENGTH_VALUE)
    })

    test('are swapped by one of many concurrent writers', async () => {
      const one = tableIdentifier('race')
      await insert(one)
      const { done, refused } = await runConcurrently((i) =>
        database().commit([swapMetadata(one, 'm1', `by ${i}`, 'table')]),
      )
      expect(done).toEqual([[1]])
      expect(refused).toEqual(Array(CONCURRENCY - 1).fill(undoneAtChange(0)))
      expect(await readRow(one)).toMatchObject({ previousMetadataLocation: 'm1', metadataLocation: /^by / })
    })

    test('are swapped together or not at all', async () => {
      const [a, b, c] = [tableIdentifier('a'), tableIdentifier('b'), tableIdentifier('c')]
      for (const one of [a, b, c]) await insert(one)
      const swaps = [
        swapMetadata(a, 'm1', 'm2', 'table'),
        requireUnchangedRow(c, 'm1'),
        swapMetadata(b, 'other', 'm2', 'table'),
      ]
      await expect(database().commit(swaps)).rejects.toThrow(undoneAtChange(2))
      expect(await readLocation(a)).toBe('m1')
    })

    test('are renamed only to free names in existing namespaces', async () => {
      const [from, to, taken] = [
        tableIdentifier('from'),
        tableIdentifier('to', ['ns', 'below']),
        tableIdentifier('from taken'),
      ]
      await insert(from)
      await insert(taken, 'm1', 'view')
      await expect(database().commit([renameRow(from, taken, 'table')])).rejects.toThrow(undoneAtChange(0))
      await expect(database().commit([renameRow(from, to, 'table')])).rejects.toThrow(undoneAtChange(0))
      await expect(database().commit([renameRow(from, tableIdentifier('x'), 'view')])).rejects.toThrow(
        undoneAtChange(0),
      )
      await expect(
        database().commit([renameRow(tableIdentifier('none'), tableIdentifier('x'), 'table')]),
      ).rejects.toThrow(undoneAtChange(0))
      await expect(
        database().commit([renameRow(tableIdentifier('none'), tableIdentifier('none'), 'table')]),
      ).rejects.toThrow(undoneAtChange(0))
      expect(await database().commit([renameRow(from, from, 'table')])).toEqual([1])
      expect(await readLocation(from)).toBe('m1')
      await database().commit([insertNamespaceMarker('c', ['ns', 'below'])])
      expect(await database().commit([renameRow(from, to, 'table')])).toEqual([1])
      expect([await readLocation(from), await readLocation(to)]).toEqual([undefined, 'm1'])
      expect(await database().commit([renameRow(to, tableIdentifier('FROM taken'), 'table')])).toEqual([1])
    })

    test('are renamed to one name by one of many concurrent writers', async () => {
      for (let i = 0; i < CONCURRENCY; i += 1) await insert(tableIdentifier(`many ${i}`), `m of ${i}`)
      const { done, refused } = await runConcurrently((i) =>
        database().commit([renameRow(tableIdentifier(`many ${i}`), tableIdentifier('wanted'), 'table')]),
      )
      expect(done).toEqual([[1]])
      expect(refused).toEqual(Array(CONCURRENCY - 1).fill(undoneAtChange(0)))
      expect(await readLocation(tableIdentifier('wanted'))).toMatch(/^m of /)
    })

    test('are removed only if unchanged since they were read', async () => {
      const one = tableIdentifier('removed')
      await insert(one)
      await expect(database().commit([deleteRow(one, 'm2', 'table')])).rejects.toThrow(undoneAtChange(0))
      await expect(database().commit([deleteRow(one, null, 'table')])).rejects.toThrow(undoneAtChange(0))
      await expect(database().commit([deleteRow(one, 'm1', 'view')])).rejects.toThrow(undoneAtChange(0))
      expect(await database().commit([deleteRow(one, 'm1', 'table')])).toEqual([1])
      expect(await readRow(one)).toBeNull()
      await insert(one)
      await database().commit([
        rawChange("UPDATE iceberg_tables SET metadata_location = NULL WHERE table_name = 'removed'", [], 1),
      ])
      expect(await readRow(one)).toMatchObject({ metadataLocation: null })
      expect(await database().commit([deleteRow(one, null, 'table')])).toEqual([1])
    })

    test('have distinct metadata files, over all catalogs', async () => {
      const some = [tableIdentifier('placed', ['ns'], 'placed 1'), tableIdentifier('placed', ['ns'], 'placed 2')]
      for (const [i, one] of some.entries()) await insert(one, `file:///placed/${i}`)
      await insert(tableIdentifier('without', ['ns'], 'placed 1'))
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
      for (const folder of folders)
        await insert(tableIdentifier(folder, ['found']), `file:///lake/${folder}/metadata/v1.json`)
      const below = async (...prefixes: string[]) =>
        (await readRowsBelow(database(), prefixes)).map(({ table }) => table).toSorted(compareBytes)
      expect(await below('file:///lake/a/')).toEqual(['a', 'a/b'])
      for (const folder of folders.filter((folder) => folder !== 'a'))
        expect(await below(`file:///lake/${folder}/`)).toEqual([folder])
      expect(await below('file:///lake/a0/', 'file:///lake/none/', 'file:///lake/ä/')).toEqual(['a0', 'ä'])
      expect(await below('file:///lake/')).toHaveLength(10)
      expect(await below('file:///lak/')).toEqual([])
      expect(await below()).toEqual([])
      expect(await readRowsBelow(database(), ['file:///lake/ä/'])).toEqual([tableIdentifier('ä', ['found'])])
    })
  })
}
