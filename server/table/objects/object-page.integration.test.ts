import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { grantsOfRole } from '@/lib/permissions'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { Services } from '@/server/services'
import { createServicesAt } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { appendFiles } from '../commit/append-files'
import { createManifestSource } from '../files/live-files'
import { createTurns } from '@/server/timing/take-turns'
import { FileReferences } from './file-references'
import { readObjectPage } from './object-page'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const signal = new AbortController().signal

let home: string
let services: Services
let catalog: CatalogClient
let identifier: TableIdentifier
let tableCount = 0

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'objects-'))
  services = createServicesAt(home)
  catalog = await services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
afterAll(async () => {
  await services.database.close()
  await rm(home, { recursive: true })
})
beforeEach(async () => {
  tableCount += 1
  identifier = { catalog: 'local', namespace: ['demo'], table: `t${tableCount}` }
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
  })
})

const load = () => catalog.loadTable(identifier)
const list = async (folder?: string, pageToken?: string) =>
  readObjectPage(services, await load(), { folder, pageToken, signal })

/** Writes a file of the table and, unless it is a stray one, commits it. */
async function addFile(name: string, { isStray = false } = {}): Promise<string> {
  const { metadata, store } = await load()
  const filePath = `${metadata.location}/data/${name}.parquet`
  await store.writeNew(filePath, new Uint8Array(10))
  if (!isStray) {
    await append([sampleDataFile(filePath)])
  }
  return filePath
}

async function append(files: readonly DataFile[]): Promise<void> {
  const { store } = await load()
  await appendFiles(services.log, {
    catalog,
    store,
    identifier,
    files,
    specId: 0,
    schemaId: 0,
    actor: ANN,
    signal,
  })
}

describe('The objects of a table', () => {
  it('are its folders and files, with those that no snapshot references', async () => {
    await addFile('a')
    await addFile('b')
    await addFile('stray', { isStray: true })
    const top = await list()
    expect(top.folders).toEqual(['data', 'metadata'])
    const { objects, references } = await list(`${top.folder}/data`)
    expect(objects.map(({ name, sizeBytes, reference }) => [name, sizeBytes, reference])).toEqual([
      ['a.parquet', 10, 'referenced'],
      ['b.parquet', 10, 'referenced'],
      ['stray.parquet', 10, 'unreferenced'],
    ])
    expect(objects.every(({ modifiedAtMs }) => (modifiedAtMs ?? 0) > Date.UTC(2020, 0))).toBe(true)
    expect(references).toMatchObject({ isComplete: true, problem: null, readManifestCount: 2 })
    const metadata = await list(`${top.folder}/metadata`)
    expect(metadata.objects.length).toBeGreaterThan(4)
    expect(metadata.objects.filter(({ reference }) => reference !== 'referenced')).toEqual([])
  })

  it('of a file that only an older snapshot has are referenced', async () => {
    await addFile('old')
    const { metadata } = await load()
    await addFile('new')
    const { objects } = await list(`${metadata.location}/data`)
    expect(objects.map(({ reference }) => reference)).toEqual(['referenced', 'referenced'])
  })

  it('are listed a page at a time', async () => {
    const { metadata } = await load()
    const folder = path.join(fileURLToPath(metadata.location), 'data')
    await mkdir(folder, { recursive: true })
    await Promise.all(Array.from({ length: 1_001 }, (_, index) => writeFile(path.join(folder, `${index}.tmp`), '')))
    const first = await list(`${metadata.location}/data`)
    expect(first.objects).toHaveLength(1_000)
    const second = await list(`${metadata.location}/data`, first.nextPageToken ?? '')
    expect([second.objects.length, second.nextPageToken]).toEqual([1, null])
  })

  it('are those of its own folders, by whatever path another one is named', async () => {
    const { metadata } = await load()
    const { location } = metadata
    for (const folder of [
      `${location}/..`,
      `${location}/data/../../other`,
      `${location}/%2e%2e/other`,
      `${location}2`,
      location.slice(0, -1),
      path.posix.dirname(location),
      'file:///etc',
      '/etc',
      's3://bucket/t',
      'https://example.com/t',
      `${location}\\..`,
      `${location}/\0`,
    ]) {
      await expect(list(folder), folder).rejects.toMatchObject({ code: 'location-refused' })
    }
  })

  it('do not lead out of the warehouse through a link', async () => {
    const { metadata } = await load()
    await symlink('/etc', path.join(fileURLToPath(metadata.location), 'link'))
    expect((await list()).folders).not.toContain('link')
    await expect(list(`${metadata.location}/link`)).rejects.toMatchObject({ code: 'location-refused' })
  })

  it('stay unknown while references are incomplete, with the reason', async () => {
    const filePath = await addFile('a')
    await addFile('stray', { isStray: true })
    const table = await load()
    const list0 = table.metadata.snapshots[0]?.manifestList ?? ''
    await table.store.remove(list0)
    const { objects, references } = await list(path.posix.dirname(filePath))
    expect(objects.map(({ reference }) => reference)).toEqual(['unknown', 'unknown'])
    expect(references).toMatchObject({ isComplete: false, problem: expect.stringContaining('manifest list') })
  })
})

describe('The references of a table', () => {
  const fileCount = 100_000

  it('of 100,000 files are read in turns that keep no other work waiting', async () => {
    const { metadata, store } = await load()
    const files = Array.from({ length: fileCount }, (_, index) =>
      sampleDataFile(`${metadata.location}/data/${index}.parquet`),
    )
    await append(files)
    const table = await load()
    const references = new FileReferences(table)
    const source = { ...createManifestSource(services.manifestCache, table, { store }), takeTurns: createTurns() }
    let turnCount = 0
    const interval = setInterval(() => (turnCount += 1), 1)
    while (!references.state.isComplete) await references.readOn(source)
    clearInterval(interval)
    // Other work had its turn again and again.
    expect(turnCount).toBeGreaterThan(10)
    expect(references.has(`${metadata.location}/data/99999.parquet`)).toBe(true)
    expect(references.has(`${metadata.location.replace('file://', 'file:')}/data/0.parquet`)).toBe(true)
    expect(references.has(`${metadata.location}/data/100000.parquet`)).toBe(false)
    expect(references.memoryBytes).toBeLessThan(10 * 1024 * 1024)
  })

  it('continue where the time ended, and end at a limit with the reason', async () => {
    await addFile('a')
    await addFile('b')
    const table = await load()
    const source = createManifestSource(services.manifestCache, table, { store: table.store })
    let nowMs = 0
    const slow = new FileReferences(table, { timeMs: 5 })
    const rounds: boolean[] = []
    while (!slow.state.isComplete && rounds.length < 20) {
      await slow.readOn(source, () => (nowMs += 3))
      rounds.push(slow.state.isComplete)
    }
    expect(rounds.length).toBeGreaterThan(2)
    expect(rounds.at(-1)).toBe(true)
    const limited = new FileReferences(table, { files: 1 })
    await limited.readOn(source)
    await limited.readOn(source)
    expect(limited.state).toMatchObject({ isComplete: false, problem: 'The snapshots reference more than 1 files.' })
  })

  it('throw what is not a failure of the storage', async () => {
    await addFile('a')
    const table = await load()
    const source = createManifestSource(services.manifestCache, table, { store: table.store })
    const broken = { ...source, readFile: () => Promise.reject(new TypeError('a mistake')) }
    await expect(new FileReferences(table).readOn(broken)).rejects.toThrow(TypeError)
    const failing = { ...source, readFile: () => Promise.reject(new AppError('storage-unavailable', 'down')) }
    const references = new FileReferences(table)
    await references.readOn(failing)
    expect(references.state.problem).toBe('down')
    await references.readOn(source)
    expect(references.state).toMatchObject({ isComplete: true, problem: null })
  })
})
