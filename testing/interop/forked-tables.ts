import { createResponsePool } from '@/server/http-out/memory-pool'
import { createTestOutbox } from '@/testing/catalogs/test-outbox'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { DataFile, ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { fileKey } from '@/lib/iceberg/operations/operation'
import { readManifestEntries, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import { grantsOfRole } from '@/lib/permissions'
import { restSettings } from '@/testing/catalogs/rest-catalog-stand-in'
import { openPyiceberg, openSpark } from '@/testing/peers/shared/open-peer'
import { startRestFixture } from '@/testing/peers/rest-fixture'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestStores } from '@/testing/stores/test-stores'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { LoadedMetadataCache } from '@/server/catalog/rest/loaded-metadata-cache'
import { restCatalog } from '@/server/catalog/rest/catalog'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { type PlanOperation, runOperation } from '@/server/table/commit/run-operation'

/** An entry of a snapshot, with `own` in place of the id of the snapshot itself. */
type ComparedEntry = Pick<ManifestEntry, 'status' | 'sequenceNumber' | 'fileSequenceNumber' | 'snapshotId'> & {
  file: string
  firstRowId: string | null
}

/** The files that the tip of a branch added and removed. */
export type TipChanges = { added: DataFile[]; removed: DataFile[] }

export type ForkedTables = Awaited<ReturnType<typeof startForkedTables>>

/**
 * Iceberg's own REST catalog with Spark, PyIceberg and Lakeshore on it. A fork is a second table that starts from the
 * metadata file of another one, so that two writers can make the same change of the same files.
 */
export async function startForkedTables() {
  const folder = mkdtempSync(path.join(tmpdir(), 'forked-tables-'))
  const fixture = await startRestFixture(folder)
  const stores = createTestStores()
  const catalog = restCatalog({
    responsePool: createResponsePool(),
    log: SILENT_LOG,
    metadataCache: new LoadedMetadataCache(),
    storeForAll: (accesses, mappings) => stores.storeForAll(accesses, mappings),
    name: 'fixture',
    settings: restSettings(fixture.uri),
    storage: [{ kind: 'local', roots: [`file://${folder}`] }],
    mappings: [],
    outbox: createTestOutbox(),
  })
  await catalog.write({ kind: 'create-namespace', namespace: ['ops'], properties: {} })
  const spark = openSpark({ uri: fixture.uri })
  const python = openPyiceberg({ uri: fixture.uri })
  const identifierOf = (table: string) => ({ catalog: 'fixture', namespace: ['ops'], table })
  const load = (table: string) => catalog.loadTable(identifierOf(table))

  function tipOf({ metadata }: LoadedTable, branch = 'main') {
    const tipId = metadata.refs[branch]?.snapshotId
    return metadata.snapshots.find(({ snapshotId }) => snapshotId === tipId) ?? null
  }
  const sourceOf = ({ store }: LoadedTable) => ({
    readFile: (location: string) => store.read(location),
    codecs: avroCodecs,
  })
  async function manifestsOf(table: LoadedTable, snapshotId = tipOf(table)?.snapshotId): Promise<ManifestFile[]> {
    const snapshot = table.metadata.snapshots.find((one) => one.snapshotId === snapshotId) ?? null
    return readSnapshotManifests({ metadata: table.metadata, snapshot }, sourceOf(table))
  }
  const entriesOf = (table: LoadedTable, manifest: ManifestFile) =>
    readManifestEntries(table.metadata, manifest, sourceOf(table))
  async function tipEntries(table: LoadedTable, branch = 'main'): Promise<ManifestEntry[]> {
    const manifests = await manifestsOf(table, tipOf(table, branch)?.snapshotId)
    return (await Promise.all(manifests.map((manifest) => entriesOf(table, manifest)))).flat()
  }

  return {
    catalog,
    folder,
    uri: fixture.uri,
    load,
    tipOf,
    manifestsOf,
    entriesOf,
    identifierOf,
    /** Runs statements in Spark, in order. @returns the rows of the last one, every value as text */
    async sql(...statements: string[]): Promise<(string | null)[][]> {
      let rows: (string | null)[][] = []
      for (const statement of statements) rows = await spark.request({ sql: statement })
      return rows
    },
    /** Runs Python in Spark's session. @returns its variable `answer` */
    inSpark: <Answer>(code: string) => spark.request<Answer>({ code }),
    /** All rows of a table, in the order of their ids, as Spark and PyIceberg read them. */
    async rows(table: string): Promise<{ spark: unknown; pyiceberg: unknown }> {
      const code = `answer = [[r['id'], r['city']] for r in sorted(catalog.load_table('ops.${table}').scan().to_arrow().to_pylist(), key=lambda r: r['id'])]`
      const inSpark = await spark.request<string[][]>({ sql: `SELECT id, city FROM ops.${table} ORDER BY id` })
      return {
        spark: inSpark.map(([id, city]) => [Number(id), city]),
        pyiceberg: await python.request({ code }),
      }
    },
    /** All rows of a snapshot, in the order of their ids. */
    async rowsAt(table: string, snapshotId: string): Promise<{ spark: unknown; pyiceberg: unknown }> {
      const code = `answer = [[r['id'], r['city']] for r in sorted(catalog.load_table('ops.${table}').scan(snapshot_id=${snapshotId}).to_arrow().to_pylist(), key=lambda r: r['id'])]`
      const inSpark = await spark.request<string[][]>({
        sql: `SELECT id, city FROM ops.${table} VERSION AS OF ${snapshotId} ORDER BY id`,
      })
      return {
        spark: inSpark.map(([id, city]) => [Number(id), city]),
        pyiceberg: await python.request({ code }),
      }
    },
    async fork(table: string, fork: string): Promise<LoadedTable> {
      const { metadataLocation } = await load(table)
      return catalog.write({ kind: 'register-table', table: identifierOf(fork), metadataLocation })
    },
    run(table: string, plan: PlanOperation, options: { branch?: string } = {}) {
      return load(table).then(({ store }) => {
        const actor = { userId: 'u1', username: 'ann', role: 'editor' as const, grants: grantsOfRole('editor') }
        const identifier = identifierOf(table)
        const signal = AbortSignal.timeout(300_000)
        const request = { catalog, store, identifier, actor, signal, auditAction: 'test', ...options }
        return runOperation(SILENT_LOG, request, plan)
      })
    },
    async tipChanges(table: LoadedTable, branch = 'main'): Promise<TipChanges> {
      const tipId = tipOf(table, branch)?.snapshotId
      const own = (await tipEntries(table, branch)).filter(({ snapshotId }) => snapshotId === tipId)
      const ofStatus = (status: ManifestEntry['status']) =>
        own.filter((entry) => entry.status === status).map(({ dataFile }) => dataFile)
      return { added: ofStatus('added'), removed: ofStatus('deleted') }
    },
    /** The properties by which two tips are compared: all entries, and the summary without the names of the writer. */
    async describeTip(table: LoadedTable, branch = 'main') {
      const tip = tipOf(table, branch)
      const entries = (await tipEntries(table, branch)).map(
        ({ status, snapshotId, sequenceNumber, fileSequenceNumber, dataFile }): ComparedEntry => ({
          status,
          snapshotId: snapshotId === tip?.snapshotId ? 'own' : snapshotId,
          sequenceNumber,
          fileSequenceNumber,
          file: fileKey(dataFile),
          firstRowId: dataFile.firstRowId,
        }),
      )
      const counts = Object.entries(tip?.summary ?? {}).filter(
        ([name]) => !/^(spark\.|engine-|app-|iceberg-|manifests-|entries-)/.test(name),
      )
      return {
        entries: entries.sort((a, b) => (`${a.file}${a.status}` < `${b.file}${b.status}` ? -1 : 1)),
        summary: Object.fromEntries(counts.sort(([a], [b]) => (a < b ? -1 : 1))),
        sequenceNumber: tip?.sequenceNumber,
        lastSequenceNumber: table.metadata.lastSequenceNumber,
        nextRowId: table.metadata.nextRowId,
        addedRows: tip?.addedRows,
      }
    },
    async stop() {
      await spark.stop()
      await python.stop()
      await fixture.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
