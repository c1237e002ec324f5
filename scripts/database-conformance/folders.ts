import { describe, expect, test } from 'vitest'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { claimOfFolders } from '@/server/catalog/embedded/claim'
import {
  type FolderClaim,
  forgetFolders,
  isClaimFree,
  isEmptyClaim,
  NO_CLAIM,
  readRecorded,
  recordFolders,
  renameFolders,
} from '@/server/db/catalog-folders'
import { markNamespace } from '@/server/db/catalog-namespaces'
import { deleteRow, insertRow, renameRow, swapMetadata } from '@/server/db/catalog-rows'
import { spellingsOf } from '@/server/storage/location-gate'
import { atOnce, AT_ONCE, byBytes, countOf, type OpenDatabase, ownDatabase, rows, undoneBy } from './testbed'

const ref = (table: string, catalog = 'c'): TableRef => ({ catalog, namespace: ['ns', 'deep'], table })
const NEW = ref('new')

/** Folders of which none is in another. */
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
const SPELLED = [
  'file:///lake/spelled/t',
  's3://bucket/spelled/t',
  'gs://bucket/spelled/t',
  'abfss://container@account.dfs.core.windows.net/spelled/t',
]

export function proveFolders(open: OpenDatabase): void {
  describe('Folders of tables', () => {
    const database = ownDatabase(open)
    const insert = (one: TableRef, location: string, claim?: FolderClaim) =>
      database().commit([markNamespace(one.catalog, one.namespace), insertRow(one, location, 'table', claim)])
    const isFree = (claim: FolderClaim, one = NEW) => isClaimFree(database(), one, claim)
    const own = (...folders: string[]) => claimOfFolders(folders, [])
    const around = (...folders: string[]) => claimOfFolders([], folders)

    test('are free where nobody has one', async () => {
      expect(isEmptyClaim(NO_CLAIM)).toBe(true)
      expect(await isFree(NO_CLAIM)).toBe(true)
      expect(await isFree(own('file:///lake/none'))).toBe(true)
      expect(await isFree(around('file:///lake/none'))).toBe(true)
    })

    test.each(SPELLED)('are a table’s in whatever way it spells them: %s', async (folder) => {
      for (const [i, spelling] of spellingsOf(folder).entries()) {
        const one = ref(`${folder} ${i}`, 'of another catalog')
        await insert(one, `${spelling}/metadata/v1.json`)
        for (const other of spellingsOf(folder)) {
          expect(await isFree(own(other))).toBe(false)
          expect(await isFree(own(`${other}/data`))).toBe(true)
          expect(await isFree(around(other))).toBe(false)
          expect(await isFree(around(`${other}/data`))).toBe(true)
          expect(await isFree(own(other), one)).toBe(true)
          expect(await isFree(own(other), { ...one, catalog: 'c' })).toBe(false)
          expect(await isFree(own(`${other}-b`))).toBe(true)
        }
        await database().commit([deleteRow(one, `${spelling}/metadata/v1.json`, 'table')])
      }
    })

    test.each(SIBLINGS)('are no sibling’s: %s', async (name) => {
      const folder = `file:///siblings/${name}`
      const one = ref(`sibling ${name}`)
      await insert(one, `${folder}/metadata/v1.json`)
      await database().commit(recordFolders(one, [{ folder: `/siblings-data/${name}/`, claim: NO_CLAIM }]))
      for (const other of SIBLINGS) {
        expect(await isFree(own(`file:///siblings/${other}`)), other).toBe(other !== name)
        expect(await isFree(around(`file:///siblings/${other}`)), other).toBe(other !== name)
        const data: FolderClaim = { ...NO_CLAIM, folderPrefixes: [`/siblings-data/${other}/`] }
        expect(await isFree(data), other).toBe(other !== name)
        expect(await isFree({ ...NO_CLAIM, folders: [`/siblings-data/${other}/`] }), other).toBe(other !== name)
      }
      expect(await isFree(own('file:///siblings'))).toBe(false)
      expect(await isFree(around('file:///siblings'))).toBe(true)
      await database().commit([deleteRow(one, `${folder}/metadata/v1.json`, 'table')])
    })

    test('that are above a table named metadata are not the table’s', async () => {
      const one = ref('metadata')
      await insert(one, 'file:///above/metadata/metadata/v1.json')
      expect(await isFree(around('file:///above'))).toBe(true)
      expect(await isFree(around('file:///above/metadata'))).toBe(false)
      const deep = ref('in a namespace named metadata')
      await insert(deep, 'file:///above/metadata/deep/metadata/v1.json')
      expect(await isFree(around('file:///above'))).toBe(true)
      await insert(ref('itself'), 'file:///above/metadata/v1.json')
      expect(await isFree(around('file:///above'))).toBe(false)
    })

    test('are claimed with the row, by one of many at once', async () => {
      const { done, refused } = await atOnce((i) =>
        database().commit([
          insertRow(ref(`race ${i}`), `file:/race/t/metadata/${i}.json`, 'table', own('file:///race/t')),
        ]),
      )
      expect(done).toEqual([[1]])
      expect(refused).toEqual(Array(AT_ONCE - 1).fill(undoneBy(0)))
      const around16 = await atOnce((i) => {
        const folder = `/race2${'/t'.repeat(AT_ONCE - i)}`
        return database().commit([insertRow(ref(`race2 ${i}`), `${folder}/metadata/v1.json`, 'table', own(folder))])
      })
      const [winner, ...others] = await rows(
        database(),
        "SELECT metadata_location FROM iceberg_tables WHERE metadata_location LIKE '/race2/%' ORDER BY 1",
      )
      expect(winner).toBeDefined()
      expect(around16.done).toHaveLength(1 + others.length)
      await expect(insert(ref('late'), '/race/t/metadata/late.json', own('/race/t'))).rejects.toThrow(undoneBy(1))
    })

    test('are claimed with a commit', async () => {
      const [one, other] = [ref('commit 1'), ref('commit 2')]
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
      await expect(swap(own('s3a://bucket/commit/2'))).rejects.toThrow(undoneBy(0))
      expect(await swap(own('s3a://bucket/commit/1', 's3n://bucket/commit/3'))).toEqual([1])
    })

    test('are recorded in place of what a table had, but for those of another', async () => {
      const [one, other] = [ref('recorded 1'), ref('recorded 2', 'of another catalog')]
      for (const table of [one, other]) await insert(table, `file:///recorded/${table.table}/metadata/v1.json`)
      const record = (table: TableRef, ...folders: string[]) =>
        database().commit(
          recordFolders(
            table,
            folders.map((folder) => ({ folder: `${folder}/`, claim: own(folder) })),
          ),
        )
      const read = async (folders: string[], prefixes: string[], limit = 10) =>
        (await readRecorded(database(), { folders, prefixes, limit })).map(({ table }) => table).toSorted(byBytes)
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
      expect(await isFree(own('file:///data/a'))).toBe(false)
      expect(await isFree(own('file:///data/a'), one)).toBe(true)
      expect(await isFree(own('file:///data'), one)).toBe(false)
      expect(await isFree(around('file:///data/b'), one)).toBe(false)
      expect(await isFree(around('file:///data'), one)).toBe(true)
      expect(await readRecorded(database(), { folders: ['file:///data/b/'], prefixes: [], limit: 1 })).toEqual([other])
      expect(await database().commit([forgetFolders(other)])).toEqual([1])
      expect(await read([], ['file:///data/b/'])).toEqual([])
      await database().commit([deleteRow(one, 'file:///recorded/recorded 1/metadata/v1.json', 'table')])
      expect(await read([], ['file:///data/'])).toEqual([])
      expect(await isFree(own('file:///data/a'), other)).toBe(true)
      expect(await countOf(database(), "table_folders WHERE table_name = 'recorded 1'")).toBe(2)
    })

    test('are recorded for one of many that name them at once', async () => {
      const many = Array.from({ length: AT_ONCE }, (_, i) => ref(`naming ${i}`))
      for (const one of many) await insert(one, `file:///naming/${one.table}/metadata/v1.json`)
      const { done } = await atOnce((i) =>
        database().commit(recordFolders(many[i] ?? NEW, [{ folder: 'file:///named/', claim: own('file:///named') }])),
      )
      const recorded = done.map(([, changed = 0]) => changed)
      expect(recorded).toHaveLength(AT_ONCE)
      expect(recorded.reduce((sum, changed) => sum + changed, 0)).toBe(1)
    })

    test('go with a rename, and what a dropped table left under that name goes', async () => {
      const [from, to] = [ref('renamed from'), ref('renamed to')]
      for (const one of [from, to]) {
        await insert(one, `file:///renamed/${one.table}/metadata/v1.json`)
        const folder = `/renamed/of ${one.table}/`
        await database().commit(recordFolders(one, [{ folder, claim: NO_CLAIM }]))
      }
      await database().commit([deleteRow(to, 'file:///renamed/renamed to/metadata/v1.json', 'table')])
      expect(renameFolders(from, from)).toEqual([])
      expect(await database().commit([renameRow(from, to, 'table'), ...renameFolders(from, to)])).toEqual([1, 1, 1])
      expect(await rows(database(), "SELECT * FROM table_folders WHERE folder LIKE '/renamed/%'")).toEqual([
        { catalog: 'c', namespace: 'ns.deep', table_name: 'renamed to', folder: '/renamed/of renamed from/' },
      ])
    })
  })
}
