import { describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type OwnersByPrefix, findMetadataOwners, findRecordedOwners } from '@/server/db/catalog/folder-owners'
import { insertNamespaceMarker } from '@/server/db/catalog/namespaces'
import { NO_CLAIM, recordFolders } from '@/server/db/catalog/table-folders'
import { deleteRow, insertRow, type RowKind } from '@/server/db/catalog/table-rows'
import { type OpenDatabase, setUpDatabase } from '../testbed'

const identifierOf = (table: string, catalog = 'c'): TableIdentifier => ({ catalog, namespace: ['ns', 'deep'], table })

const summarize = ({ owners, withOwnersBelow }: OwnersByPrefix) => ({
  owners: Object.fromEntries([...owners].map(([prefix, { identifier }]) => [prefix, identifier.table])),
  below: [...withOwnersBelow].sort(),
})

export function describeFolderOwners(open: OpenDatabase): void {
  describe('Owners of many folders', () => {
    const database = setUpDatabase(open)
    const insert = (one: TableIdentifier, location: string, kind: RowKind = 'table') =>
      database().commit([insertNamespaceMarker(one.catalog, one.namespace), insertRow(one, location, kind)])
    const readMetadata = async (...prefixes: string[]) => summarize(await findMetadataOwners(database(), prefixes))
    const readRecorded = async (...prefixes: string[]) => summarize(await findRecordedOwners(database(), prefixes))

    test('are none if no folder is named, or no table has one of them', async () => {
      for (const prefixes of [[], ['file:///none/', 's3://none/']]) {
        expect(await readMetadata(...prefixes)).toEqual({ owners: {}, below: [] })
        expect(await readRecorded(...prefixes)).toEqual({ owners: {}, below: [] })
      }
    })

    test('are those of metadata directly in the folder, and of metadata below it', async () => {
      await insert(identifierOf('a'), 'file:///lake/ns/a/metadata/v1.json')
      await insert(identifierOf('b', 'another'), 's3://bucket/ns/b/metadata/v2.json')
      await insert(identifierOf('v'), 'file:///lake/ns/v/metadata/v1.json', 'view')
      await insert(identifierOf('elsewhere'), 'file:///lake/other/v1.json')
      const prefixes = ['lake/', 'lake/ns/', 'lake/ns/a/', 'lake/ns/a/metadata/', 'lake/other/', 'lak/']
      expect(await readMetadata(...prefixes.map((prefix) => `file:///${prefix}`))).toEqual({
        owners: { 'file:///lake/ns/a/': 'a' },
        below: ['lake/', 'lake/ns/', 'lake/ns/a/', 'lake/ns/a/metadata/', 'lake/other/'].map((one) => `file:///${one}`),
      })
      const { owners } = await findMetadataOwners(database(), ['s3://bucket/ns/b/', 'file:///lake/ns/v/'])
      expect([...owners.values()]).toEqual(
        expect.arrayContaining([
          { identifier: identifierOf('b', 'another'), isView: false },
          { identifier: identifierOf('v'), isView: true },
        ]),
      )
    })

    test('do not take a table or namespace named metadata for the metadata of the folder', async () => {
      await insert(identifierOf('metadata'), 'file:///above/metadata/metadata/v1.json')
      await insert(identifierOf('deep'), 'file:///above/metadata/deep/metadata/v1.json')
      expect(await readMetadata('file:///above/', 'file:///above/metadata/')).toEqual({
        owners: { 'file:///above/metadata/': 'metadata' },
        below: ['file:///above/', 'file:///above/metadata/'],
      })
      await insert(identifierOf('itself'), 'file:///above/metadata/v1.json')
      expect((await readMetadata('file:///above/')).owners).toEqual({ 'file:///above/': 'itself' })
    })

    test('are those of recorded folders, as long as their table exists', async () => {
      const one = identifierOf("it's", 'another')
      await insert(one, 'file:///recorded/t/metadata/v1.json')
      await database().commit(recordFolders(one, [{ folder: "file:///apart/it's/", claim: NO_CLAIM }]))
      const prefixes = ["file:///apart/it's/", 'file:///apart/', 'file:///apart/it/', "file:///apart/it's/data/"]
      expect(await readRecorded(...prefixes)).toEqual({
        owners: { "file:///apart/it's/": "it's" },
        below: ['file:///apart/', "file:///apart/it's/"],
      })
      await database().commit([deleteRow(one, 'file:///recorded/t/metadata/v1.json', 'table')])
      expect(await readRecorded(...prefixes)).toEqual({ owners: {}, below: [] })
    })

    test('are found for the folders of a page in one statement, whatever their names', async () => {
      const names = Array.from({ length: 4_000 }, (_, index) => `${index} ä%_'"$`)
      await insert(identifierOf('last'), `file:///page/${names.at(-1)}/metadata/v1.json`)
      const prefixes = names.map((name) => `file:///page/${name}/`)
      expect(await readMetadata(...prefixes)).toEqual({
        owners: { [prefixes.at(-1) ?? '']: 'last' },
        below: prefixes.slice(-1),
      })
      expect(await readRecorded(...prefixes)).toEqual({ owners: {}, below: [] })
    })
  })
}
