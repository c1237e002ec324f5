import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { asViewIdentifier } from '@/lib/names/identifiers'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { createTestStores } from '@/testing/stores/test-stores'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import type { CatalogClient } from '../port/catalog-client'
import { type FilesTable, filesCatalog } from './files-catalog'
import { findNewestMetadata } from './find-newest-metadata'

const stores = createTestStores()

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'files-catalog-'))
})
afterEach(() => rm(folder, { recursive: true }))

const store = () => stores.storeFor({ kind: 'local', roots: [`file://${folder}`], isReadOnly: true })
const open = (tables: readonly FilesTable[]): CatalogClient =>
  filesCatalog({ metadataFiles: new MetadataFiles(), name: 'files', tables, store: store() })
const code = (expected: string) => expect.objectContaining({ code: expected })

/** Creates a table's folder with these files in its metadata folder. */
async function tableWith(name: string, files: Record<string, string>): Promise<string> {
  const metadata = path.join(folder, name, 'metadata')
  await mkdir(metadata, { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(metadata, file), text)
  return `file://${folder}/${name}`
}

describe('The newest metadata file', () => {
  const loadNewest = async (files: readonly string[], hint?: string) => {
    const texts = Object.fromEntries(files.map((file) => [file, '{}']))
    const location = await tableWith('t', { ...texts, ...(hint !== undefined && { 'version-hint.text': hint }) })
    return path.basename(await findNewestMetadata(store(), location))
  }

  test('is the named one', async () => {
    expect(await findNewestMetadata(store(), 's3://b/x.metadata.json')).toBe('s3://b/x.metadata.json')
    expect(await findNewestMetadata(store(), 's3://b/x.metadata.json.gz')).toBe('s3://b/x.metadata.json.gz')
  })

  test.each([
    [
      'the version in the hint',
      ['v1.metadata.json', 'v2.metadata.json', 'v4.metadata.json'],
      '2\n',
      'v2.metadata.json',
    ],
    ['the version right after the hint', ['v2.metadata.json', 'v3.gz.metadata.json'], '2', 'v3.gz.metadata.json'],
    [
      'the highest when the hint names no file',
      ['v1.metadata.json', 'v2.metadata.json.gz'],
      '9',
      'v2.metadata.json.gz',
    ],
    ['the highest when the hint is not a number', ['v1.metadata.json'], 'latest', 'v1.metadata.json'],
    ['the highest by number, not by name', ['v9.metadata.json', 'v10.metadata.json'], undefined, 'v10.metadata.json'],
    [
      'the highest of names as catalogs write them',
      ['00009-a.metadata.json', '00010-b.metadata.json', 'snap-1.avro', 'vx.metadata.json'],
      undefined,
      '00010-b.metadata.json',
    ],
  ] as [string, string[], string | undefined, string][])('is %s', async (_what, files, hint, expected) => {
    expect(await loadNewest(files, hint)).toBe(expected)
  })

  test('is not guessed', async () => {
    await expect(loadNewest(['00002-a.metadata.json', '00002-b.metadata.json'])).rejects.toThrow(
      /could both be the newest/,
    )
    await expect(loadNewest(['snap-1.avro'])).rejects.toThrow(code('file-damaged'))
  })

  test('is missing when the folder does not exist', async () => {
    await expect(findNewestMetadata(store(), `file://${folder}/none`)).rejects.toThrow(code('file-missing'))
    await expect(findNewestMetadata(store(), 'file:///etc')).rejects.toThrow(code('location-refused'))
  })
})

describe('Tables opened from metadata files', () => {
  const toIdentifier = (namespace: string[], table: string) => ({ catalog: 'files', namespace, table })

  test('are listed in their namespaces, at every level', async () => {
    const toFilesTable = (namespace: string[], table: string) => ({ namespace, table, metadataLocation: 'file:///x' })
    const catalog = open([
      toFilesTable(['b'], 'z'),
      toFilesTable(['b'], 'a'),
      toFilesTable(['a', 'deep', 'er'], 't'),
      toFilesTable(['a', 'x.y'], 't'),
    ])
    expect(await catalog.listNamespaces(null)).toEqual([['a'], ['b']])
    expect(await catalog.listNamespaces(['a'])).toEqual([
      ['a', 'deep'],
      ['a', 'x.y'],
    ])
    expect(await catalog.listTables(['a'])).toEqual([])
    expect(await catalog.listTables(['b'])).toEqual([toIdentifier(['b'], 'a'), toIdentifier(['b'], 'z')])
    expect(await catalog.loadNamespace(['a', 'deep'])).toEqual({ namespace: ['a', 'deep'], properties: {} })
    for (const unknown of [() => catalog.listNamespaces(['c']), () => catalog.listTables(['a', 'b'])]) {
      await expect(unknown()).rejects.toThrow(code('not-found'))
    }
    await expect(catalog.loadTable(toIdentifier(['b'], 'none'))).rejects.toThrow(code('not-found'))
    await expect(catalog.loadView({ catalog: 'files', namespace: ['b'], view: 'none' })).rejects.toThrow(
      code('not-found'),
    )
    expect(await catalog.listViews(['b'])).toEqual([])
  })

  test('are read from the newest file each time', async () => {
    const metadata = sampleMetadata()
    const metadataLocation = await tableWith('t', { 'v1.metadata.json': writeTableMetadata(metadata) })
    const catalog = open([{ namespace: ['a'], table: 't', metadataLocation }])
    expect(await catalog.loadTable(toIdentifier(['a'], 't'))).toMatchObject({
      metadataLocation: `${metadataLocation}/metadata/v1.metadata.json`,
      metadata: { tableUuid: metadata.tableUuid, properties: metadata.properties },
    })
    const changed = writeTableMetadata({ ...metadata, properties: { owner: 'ann' } })
    await tableWith('t', { 'v2.metadata.json': changed })
    const again = await catalog.loadTable(toIdentifier(['a'], 't'))
    expect(again.metadata.properties).toEqual({ owner: 'ann' })
    expect(await catalog.openStore(toIdentifier(['a'], 't'))).toBe(again.store)
  })

  test('with the same location in different stores are different files', async () => {
    const one = sampleMetadata()
    const other = { ...one, properties: { owner: 'other' } }
    await tableWith('one', { 'v1.metadata.json': writeTableMetadata(one) })
    await tableWith('other', { 'v1.metadata.json': writeTableMetadata(other) })
    const table = { namespace: ['a'], table: 't', metadataLocation: 's3://lake/t' }
    const catalogs = ['one', 'other'].map((version) =>
      filesCatalog({
        metadataFiles: new MetadataFiles(),
        name: 'files',
        tables: [table],
        store: stores.storeFor({ kind: 'local', roots: [`file://${folder}`] }, [
          { from: 's3://lake/t', to: `file://${folder}/${version}` },
        ]),
      }),
    )
    const read = await Promise.all(catalogs.map((catalog) => catalog.loadTable(toIdentifier(['a'], 't'))))
    expect(read.map(({ metadata }) => metadata.properties)).toEqual([one.properties, other.properties])
  })

  test('are read-only', async () => {
    const catalog = open([{ namespace: ['a'], table: 't', metadataLocation: 'file:///x' }])
    expect(await catalog.abilities()).toEqual(new Set())
    const table = toIdentifier(['a'], 't')
    const change = { requirements: [], updates: [] }
    for (const write of [
      () => catalog.write({ kind: 'create-namespace', namespace: ['b'], properties: {} }),
      () => catalog.write({ kind: 'update-namespace', namespace: ['a'], updates: {}, removals: [] }),
      () => catalog.write({ kind: 'drop-namespace', namespace: ['a'] }),
      () => catalog.write({ kind: 'drop-table', table }),
      () => catalog.write({ kind: 'rename-table', table, to: table }),
      () => catalog.write({ kind: 'register-table', table, metadataLocation: 'file:///x' }),
      () => catalog.write({ kind: 'commit-table', table, change }),
      () => catalog.write({ kind: 'commit-tables', commits: [{ identifier: table, change }] }),
      () => catalog.write({ kind: 'drop-view', view: asViewIdentifier(table) }),
    ]) {
      await expect(write()).rejects.toThrow(code('not-supported'))
    }
  })
})
