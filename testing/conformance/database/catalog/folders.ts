import { describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { toFolderClaim } from '@/server/catalog/embedded/folders/folder-claim'
import {
  type FolderClaim,
  deleteFolders,
  isClaimFree,
  isEmptyClaim,
  NO_CLAIM,
  readFolderOwners,
  recordFolders,
  renameFolders,
} from '@/server/db/catalog/table-folders'
import { insertNamespaceMarker } from '@/server/db/catalog/namespaces'
import { deleteRow, insertRow, renameRow, swapMetadata } from '@/server/db/catalog/table-rows'
import { equivalentLocations } from '@/server/locations/location-gate'
import {
  runConcurrently,
  CONCURRENCY,
  compareBytes,
  countRows,
  type OpenDatabase,
  setUpDatabase,
  selectRows,
  undoneAtChange,
} from '../testbed'

const tableIdentifier = (table: string, catalog = 'c'): TableIdentifier => ({
  catalog,
  namespace: ['ns', 'deep'],
  table,
})
const NEW = tableIdentifier('new')

/** Folders that are not inside each other. */
const SIBLINGS = [
  't',
  't-b',
  't.b',
  't0',
  'T',
  'tb',
  't%',
  't_',
  't b',
  "t's",
  'tä',
  't\u{1F600}',
  't\uFB00',
  'metadata',
]
const SPELLED_FOLDERS = [
  'file:///lake/spelled/t',
  's3://bucket/spelled/t',
  'gs://bucket/spelled/t',
  'abfss://container@account.dfs.core.windows.net/spelled/t',
]

export function describeFolders(open: OpenDatabase): void {
  describe('Folders of tables', () => {
    const database = setUpDatabase(open)
    const insert = (one: TableIdentifier, location: string, claim?: FolderClaim) =>
      database().commit([insertNamespaceMarker(one.catalog, one.namespace), insertRow(one, location, 'table', claim)])
    const isFree = (claim: FolderClaim, one = NEW) => isClaimFree(database(), one, claim)
    const ownClaim = (...folders: string[]) => toFolderClaim(folders, [])
    const aroundClaim = (...folders: string[]) => toFolderClaim([], folders)

    test('are free if no table has one', async () => {
      expect(isEmptyClaim(NO_CLAIM)).toBe(true)
      expect(await isFree(NO_CLAIM)).toBe(true)
      expect(await isFree(ownClaim('file:///lake/none'))).toBe(true)
      expect(await isFree(aroundClaim('file:///lake/none'))).toBe(true)
    })

    test.each(SPELLED_FOLDERS)('belong to a table however it writes them: %s', async (folder) => {
      for (const [i, spelling] of equivalentLocations(folder).entries()) {
        const one = tableIdentifier(`${folder} ${i}`, 'of another catalog')
        await insert(one, `${spelling}/metadata/v1.json`)
        for (const other of equivalentLocations(folder)) {
          expect(await isFree(ownClaim(other))).toBe(false)
          expect(await isFree(ownClaim(`${other}/data`))).toBe(true)
          expect(await isFree(aroundClaim(other))).toBe(false)
          expect(await isFree(aroundClaim(`${other}/data`))).toBe(true)
          expect(await isFree(ownClaim(other), one)).toBe(true)
          expect(await isFree(ownClaim(other), { ...one, catalog: 'c' })).toBe(false)
          expect(await isFree(ownClaim(`${other}-b`))).toBe(true)
        }
        await database().commit([deleteRow(one, `${spelling}/metadata/v1.json`, 'table')])
      }
    })

    test.each(SIBLINGS)('do not belong to a sibling: %s', async (name) => {
      const folder = `file:///siblings/${name}`
      const one = tableIdentifier(`sibling ${name}`)
      await insert(one, `${folder}/metadata/v1.json`)
      await database().commit(recordFolders(one, [{ folder: `/siblings-data/${name}/`, claim: NO_CLAIM }]))
      for (const other of SIBLINGS) {
        expect(await isFree(ownClaim(`file:///siblings/${other}`)), other).toBe(other !== name)
        expect(await isFree(aroundClaim(`file:///siblings/${other}`)), other).toBe(other !== name)
        const data: FolderClaim = { ...NO_CLAIM, folderPrefixes: [`/siblings-data/${other}/`] }
        expect(await isFree(data), other).toBe(other !== name)
        expect(await isFree({ ...NO_CLAIM, folders: [`/siblings-data/${other}/`] }), other).toBe(other !== name)
      }
      expect(await isFree(ownClaim('file:///siblings'))).toBe(false)
      expect(await isFree(aroundClaim('file:///siblings'))).toBe(true)
      await database().commit([deleteRow(one, `${folder}/metadata/v1.json`, 'table')])
    })

    test('above a table named metadata do not belong to the table', async () => {
      const one = tableIdentifier('metadata')
      await insert(one, 'file:///above/metadata/metadata/v1.json')
      expect(await isFree(aroundClaim('file:///above'))).toBe(true)
      expect(await isFree(aroundClaim('file:///above/metadata'))).toBe(false)
      const deep = tableIdentifier('in a namespace named metadata')
      await insert(deep, 'file:///above/metadata/deep/metadata/v1.json')
      expect(await isFree(aroundClaim('file:///above'))).toBe(true)
      await insert(tableIdentifier('itself'), 'file:///above/metadata/v1.json')
      expect(await isFree(aroundClaim('file:///above'))).toBe(false)
    })

    test('are claimed with the row, by one of many concurrent writers', async () => {
      const { done, refused } = await runConcurrently((i) =>
        database().commit([
          insertRow(
            tableIdentifier(`race ${i}`),
            `file:/race/t/metadata/${i}.json`,
            'table',
            ownClaim('file:///race/t'),
          ),
        ]),
      )
      expect(done).toEqual([[1]])
      expect(refused).toEqual(Array(CONCURRENCY - 1).fill(undoneAtChange(0)))
      const nested = await runConcurrently((i) => {
        const folder = `/race2${'/t'.repeat(CONCURRENCY - i)}`
        return database().commit([
          insertRow(tableIdentifier(`race2 ${i}`), `${folder}/metadata/v1.json`, 'table', ownClaim(folder)),
        ])
      })
      const [winner, ...others] = await selectRows(
        database(),
        "SELECT metadata_location FROM iceberg_tables WHERE metadata_location LIKE '/race2/%' ORDER BY 1",
      )
      expect(winner).toBeDefined()
      expect(nested.done).toHaveLength(1 + others.length)
      await expect(insert(tableIdentifier('late'), '/race/t/metadata/late.json', ownClaim('/race/t'))).rejects.toThrow(
        undoneAtChange(1),
      )
    })

    test('are claimed with a commit', async () => {
      const [one, other] = [tableIdentifier('commit 1'), tableIdentifier('commit 2')]
      await insert(one, 's3://bucket/commit/1/metadata/v1.json')
      await insert(other, 's3://bucket/commit/2/metadata/v1.json')
      const swap = (claim: FolderClaim) =>
        database().commit([
          swapMetadata(
            one,
            's3://bucket/commit/1/metadata/v1.json',
            's3://bucket/commit/1/metadata/v2.json',
            'table',
            claim,
          ),
        ])
      await expect(swap(ownClaim('s3a://bucket/commit/2'))).rejects.toThrow(undoneAtChange(0))
      expect(await swap(ownClaim('s3a://bucket/commit/1', 's3n://bucket/commit/3'))).toEqual([1])
    })

    test('replace those that were recorded for a table, except those of another table', async () => {
      const [one, other] = [tableIdentifier('recorded 1'), tableIdentifier('recorded 2', 'of another catalog')]
      for (const table of [one, other]) await insert(table, `file:///recorded/${table.table}/metadata/v1.json`)
      const record = (table: TableIdentifier, ...folders: string[]) =>
        database().commit(
          recordFolders(
            table,
            folders.map((folder) => ({ folder: `${folder}/`, claim: ownClaim(folder) })),
          ),
        )
      const read = async (folders: string[], prefixes: string[], limit = 10) =>
        (await readFolderOwners(database(), { folders, prefixes, limit }))
          .map(({ table }) => table)
          .toSorted(compareBytes)
      expect(await record(one, 'file:///data/a', "file:///data/it's")).toEqual([0, 1, 1])
      expect(await record(other, 'file:///data/a', 'file:///data/b')).toEqual([0, 0, 1])
      expect(await record(other, 'file:///data/a/below', 'file:///data')).toEqual([1, 1, 0])
      expect(await record(other, 'file:///data/b')).toEqual([1, 1])
      expect(await read(['file:///data/b/'], [])).toEqual(['recorded 2'])
      expect(await read(["file:///data/it's/", 'file:///data/none/'], ['file:///data/b/'])).toEqual([
        'recorded 1',
        'recorded 2',
      ])
      expect(await read([], ['file:///data/'])).toEqual(['recorded 1', 'recorded 2'])
      expect(await read([], ['file:///data/'], 1)).toHaveLength(1)
      expect(await read([], ['file:///dat/'])).toEqual([])
      expect(await isFree(ownClaim('file:///data/a'))).toBe(false)
      expect(await isFree(ownClaim('file:///data/a'), one)).toBe(true)
      expect(await isFree(ownClaim('file:///data'), one)).toBe(false)
      expect(await isFree(aroundClaim('file:///data/b'), one)).toBe(false)
      expect(await isFree(aroundClaim('file:///data'), one)).toBe(true)
      expect(await readFolderOwners(database(), { folders: ['file:///data/b/'], prefixes: [], limit: 1 })).toEqual([
        other,
      ])
      expect(await database().commit([deleteFolders(other)])).toEqual([1])
      expect(await read([], ['file:///data/b/'])).toEqual([])
      await database().commit([deleteRow(one, 'file:///recorded/recorded 1/metadata/v1.json', 'table')])
      expect(await read([], ['file:///data/'])).toEqual([])
      expect(await isFree(ownClaim('file:///data/a'), other)).toBe(true)
      expect(await countRows(database(), "table_folders WHERE table_name = 'recorded 1'")).toBe(2)
    })

    test('are recorded for one of many tables that name them at once', async () => {
      const many = Array.from({ length: CONCURRENCY }, (_, i) => tableIdentifier(`naming ${i}`))
      for (const one of many) await insert(one, `file:///naming/${one.table}/metadata/v1.json`)
      const { done } = await runConcurrently((i) =>
        database().commit(
          recordFolders(many[i] ?? NEW, [{ folder: 'file:///named/', claim: ownClaim('file:///named') }]),
        ),
      )
      const recorded = done.map(([, changed = 0]) => changed)
      expect(recorded).toHaveLength(CONCURRENCY)
      expect(recorded.reduce((sum, changed) => sum + changed, 0)).toBe(1)
    })

    test('move with a rename, and those of a dropped table under that name are removed', async () => {
      const [from, to] = [tableIdentifier('renamed from'), tableIdentifier('renamed to')]
      for (const one of [from, to]) {
        await insert(one, `file:///renamed/${one.table}/metadata/v1.json`)
        const folder = `/renamed/of ${one.table}/`
        await database().commit(recordFolders(one, [{ folder, claim: NO_CLAIM }]))
      }
      await database().commit([deleteRow(to, 'file:///renamed/renamed to/metadata/v1.json', 'table')])
      expect(renameFolders(from, from)).toEqual([])
      expect(await database().commit([renameRow(from, to, 'table'), ...renameFolders(from, to)])).toEqual([1, 1, 1])
      expect(await selectRows(database(), "SELECT * FROM table_folders WHERE folder LIKE '/renamed/%'")).toEqual([
        { catalog: 'c', namespace: 'ns.deep', table_name: 'renamed to', folder: '/renamed/of renamed from/' },
      ])
    })
  })
}
