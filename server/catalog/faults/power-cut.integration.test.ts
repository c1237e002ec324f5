import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { type DiskStep, watchDisk } from '@/testing/faults/watch-disk'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestStore } from '@/testing/stores/test-store'
import { appendTenRows, ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { touchesTable } from '@/testing/databases/change-sql'
import { embeddedCatalog } from '@/server/catalog/embedded/embedded-catalog'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import { openSqlite } from '@/server/db/sqlite/open'
import { readLiveFiles } from '@/server/table/files/live-files'
import { TableLocks } from '../embedded/table-locks'
import { readManifests } from '@/testing/catalogs/read-manifests'

const home = createTestHome()

const toIdentifier = (table: string) => ({ catalog: 'local', namespace: ['demo'], table })

/**
 * Models the disk after a power cut: synced bytes, under names whose folders were synced up to one that existed from
 * the start. Everything else may be lost.
 */
class DurableDisk {
  /** Written bytes by path, and whether they were synced since. */
  readonly #bytes = new Map<string, { bytes: Uint8Array; isSynced: boolean }>()
  /** Existing names, and whether their folder was synced since they were created. */
  readonly #names = new Map<string, { content: string; isSynced: boolean }>()
  readonly #folders = new Map<string, boolean>()

  apply(step: DiskStep): void {
    const { kind, path: filePath } = step
    if (kind === 'write') this.#bytes.set(filePath, { bytes: Uint8Array.from(step.bytes), isSynced: false })
    if (kind === 'create') this.#names.set(filePath, { content: filePath, isSynced: false })
    if (kind === 'link')
      this.#names.set(step.to, { content: this.#names.get(filePath)?.content ?? filePath, isSynced: false })
    if (kind === 'remove') this.#names.delete(filePath)
    if (kind === 'make-folder') this.#folders.set(filePath, false)
    if (kind === 'sync') this.#markSynced(this.#bytes.get(this.#names.get(filePath)?.content ?? filePath))
    if (kind === 'sync-folder') {
      for (const [name, entry] of this.#names) if (path.dirname(name) === filePath) this.#markSynced(entry)
      for (const name of this.#folders.keys()) if (path.dirname(name) === filePath) this.#folders.set(name, true)
    }
  }

  #markSynced(entry: { isSynced: boolean } | undefined): void {
    if (entry) entry.isSynced = true
  }

  /** @throws {AppError} file-missing for a file that a power cut now would lose */
  read(file: string): Uint8Array {
    const name = this.#names.get(file)
    const content = name && this.#bytes.get(name.content)
    if (name?.isSynced && content?.isSynced && this.#isFolderDurable(path.dirname(file))) return content.bytes
    throw new AppError('file-missing', `The power cut lost ${file}.`)
  }

  #isFolderDurable(folder: string): boolean {
    if (folder === path.dirname(folder)) return true
    return this.#folders.get(folder) !== false && this.#isFolderDurable(path.dirname(folder))
  }
}

let callRest: RestClient
let cuts = 0
const disk = new DurableDisk()

/** A store that only reads the files that survived. */
const survivingStore = createTestStore({
  read: async (location: string) => disk.read(location.slice('file://'.length)),
  sizeBytes: async (location: string) => disk.read(location.slice('file://'.length)).length,
})

/** Checks every table in the database against the surviving files, as after a restart. */
async function tablesAfterCut(): Promise<string[]> {
  cuts += 1
  const folder = path.join(home.config.homeDir, `cut-${cuts}`)
  mkdirSync(folder)
  for (const suffix of ['', '-wal']) {
    if (existsSync(home.config.databaseFile + suffix))
      copyFileSync(home.config.databaseFile + suffix, `${folder}/lakeshore.db${suffix}`)
  }
  const database = openSqlite(`${folder}/lakeshore.db`, SILENT_LOG)
  try {
    // Each power cut gets a new store, because reads are cached by store.
    const store = { ...survivingStore }
    const catalog = embeddedCatalog({
      name: 'local',
      warehouse: home.config.warehouse,
      database,
      store,
      locks: new TableLocks(),
      log: SILENT_LOG,
      metadataFiles: new MetadataFiles(),
    })
    const found: string[] = []
    for (const one of await catalog.listTables(['demo'])) {
      const table = await catalog.loadTable(one)
      for (const snapshot of table.metadata.snapshots) {
        for (const { manifestPath, manifestLengthBytes } of await readManifests(
          home.services.manifestCache,
          table,
          snapshot,
          { store },
        )) {
          expect(await store.sizeBytes(manifestPath)).toBe(manifestLengthBytes)
        }
        for (const { dataFile } of await readLiveFiles(home.services.manifestCache, table, snapshot, { store })) {
          expect(await store.sizeBytes(dataFile.filePath)).toBe(dataFile.fileSizeBytes)
        }
      }
      found.push(`${one.table} ${path.basename(table.metadataLocation)}`)
    }
    return found
  } finally {
    await database.close()
  }
}

beforeAll(async () => {
  callRest = await createRestClientAs(home.services, 'editor')
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})

describe('A power cut', () => {
  it('after any change of the catalog leaves no row that names a missing or truncated file (commit-safety 11)', async () => {
    const catalog = await openTestCatalog(home.services)
    const database = home.database
    const { commit } = database
    const versions = new Set<string>()
    const stopWatching = watchDisk({ after: (step) => disk.apply(step) })
    // The worst case: the rows reached the disk at once, but of the files only the synced bytes.
    database.commit = async (changes) => {
      const changed = await commit(changes)
      if (touchesTable(changes, 'iceberg_tables')) {
        for (const version of await tablesAfterCut()) versions.add(version)
      }
      return changed
    }
    try {
      await catalog.write({ kind: 'create-table', table: toIdentifier('a'), schema: ONE_COLUMN_SCHEMA })
      await appendTenRows(home.services, toIdentifier('a'))
      await Promise.all([
        appendTenRows(home.services, toIdentifier('a')),
        appendTenRows(home.services, toIdentifier('a')),
      ])
      const response = await callRest('POST', 'local/namespaces/demo/tables', {
        body: { name: 'b', schema: { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] } },
      })
      expect(response.status).toBe(200)
      const changes = ['a', 'b'].map((name) => ({
        identifier: { namespace: ['demo'], name },
        requirements: [],
        updates: [{ action: 'set-properties', updates: { 'write.metadata.compression-codec': 'gzip' } }],
      }))
      expect((await callRest('POST', 'local/transactions/commit', { body: { 'table-changes': changes } })).status).toBe(
        204,
      )
      await appendTenRows(home.services, toIdentifier('b'))
    } finally {
      stopWatching()
      database.commit = commit
    }
    expect(cuts).toBeGreaterThanOrEqual(7)
    expect([...versions].filter((version) => version.startsWith('a '))).toHaveLength(5)
    expect([...versions].filter((version) => version.startsWith('b '))).toHaveLength(3)
  })
})
