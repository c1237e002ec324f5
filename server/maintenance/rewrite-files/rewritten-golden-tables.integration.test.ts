import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { LeftOutReason } from '@/lib/contract/table/rewrites'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { queueRewrite, REWRITE_FILES } from './rewrite-task'
import { readRewritePreview } from './rewrite-preview'
import { rewriteFilesRuns } from './rewrite-run'
import { parseConfig } from '@/server/config/config'
import { createServices } from '@/server/program/create-services'
import type { Services } from '@/server/services'
import { registerExternally } from '@/testing/catalogs/external-writes'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { startRowThreadHere } from '@/testing/homes/row-thread-here'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { GOLDEN_ROOT, type GoldenTable, listGoldenTables } from '@/testing/golden/golden-tables'

/**
 * Golden tables whose files are rewritten with other codecs, dictionaries and pages keep their rows, their deletes and
 * their lineage. They have features that our own writer lacks: every kind of delete, files of other formats and
 * engines, nested types, dropped and renamed columns, and changed partitions.
 */

let folder: string
let services: Services

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rewritten-golden-'))
  const config = parseConfig({ LAKESHORE_HOME: path.join(folder, 'home'), LAKESHORE_LOG_LEVEL: 'silent' })
  const to = `${config.warehouse}/golden`
  // Java writes one slash, Python three.
  const warehouseMappings = [`file:${GOLDEN_ROOT}`, `file://${GOLDEN_ROOT}`].map((from) => ({ from, to }))
  services = createServices({ ...config, warehouseMappings }, { startRowThread: startRowThreadHere })
  await (await openTestCatalog(services)).write({ kind: 'create-namespace', namespace: ['golden'], properties: {} })
})
afterAll(async () => {
  await services.database.close()
  rmSync(folder, { recursive: true })
})

/** The number of files that stay as they are, by the reason; zero for tables that are not named. */
const LEFT_OUT: Readonly<Record<string, Readonly<Partial<Record<LeftOutReason, number>>>>> = {
  pyiceberg_added_files: { 'no-field-ids': 2 },
  spark_avro: { format: 4 },
  spark_hive_import: { 'no-field-ids': 3 },
  spark_orc: { format: 1 },
}

/** The number of rewritten files with deletes by position; zero for tables that are not named. */
const POSITION_DELETED: Readonly<Record<string, number>> = {
  flink_upserts: 1,
  java_all_kinds_of_deletes: 3,
  lakeshore_append_and_delete: 1,
  spark_deletes_upgraded_to_v3: 3,
  spark_deletion_vectors: 3,
  spark_position_deletes_by_file: 2,
  spark_position_deletes_by_partition: 4,
  spark_v1_upgraded: 2,
  trino_position_deletes: 4,
}

const OF_TABLE = { 'write.parquet.compression-codec': 'gzip', 'write.parquet.page-row-limit': '3' }
const OF_COLUMNS = {
  ...OF_TABLE,
  'lakeshore.parquet.column.1.compression-codec': 'brotli',
  'lakeshore.parquet.column.2.dictionary': 'drop',
}

async function register({ name, folder: recorded, metadata }: GoldenTable, copy: string): Promise<TableIdentifier> {
  const identifier = { catalog: services.config.catalogName, namespace: ['golden'], table: copy }
  const golden = path.join(services.config.warehouse.slice('file://'.length), 'golden')
  mkdirSync(golden, { recursive: true })
  cpSync(recorded, path.join(golden, name), { recursive: true })
  await registerExternally(services.database, identifier, `file://${GOLDEN_ROOT}/${name}/${metadata}`)
  return identifier
}

/** Sets the properties and rewrites the files. @returns the table, and how many files stayed as they were */
async function rewrite(identifier: TableIdentifier, properties: Readonly<Record<string, string>>) {
  const catalog = await openTestCatalog(services)
  const update = { action: 'set-properties', updates: properties } as const
  await catalog.write({ kind: 'commit-table', table: identifier, change: { requirements: [], updates: [update] } })
  const table = await catalog.loadTable(identifier)
  const { signal } = new AbortController()
  const preview = await readRewritePreview(services, table, signal)
  const { id } = await queueRewrite(services.database, table, TEST_ACTOR)
  const run = await runQueuedRun(services, id, { [REWRITE_FILES]: rewriteFilesRuns(services) })
  expect(run).toMatchObject({ state: 'succeeded', error: null })
  expect(run.outcome).toMatchObject({ filesRewritten: preview.differingFileCount, filesRemaining: 0 })
  const after = await catalog.loadTable(identifier)
  expect((await readRewritePreview(services, after, signal)).differingFileCount).toBe(0)
  return {
    table: after,
    preview,
    leftOut: preview.skipped.map((each): [string, number] => [each.reason, each.fileCount]),
  }
}

describe('A rewritten golden table', () => {
  for (const golden of listGoldenTables()) {
    test(`has the rows, deletes and lineage that it had: ${golden.name}`, async () => {
      const identifier = await register(golden, golden.name)
      const before = await (await openTestCatalog(services)).loadTable(identifier)
      // We do not read ORC.
      const isReadable = golden.name !== 'spark_orc'
      const rows = isReadable ? await readTableRows(before) : []
      const { table, leftOut, preview } = await rewrite(identifier, OF_COLUMNS)
      expect(isReadable ? await readTableRows(table) : []).toEqual(rows)
      expect(Object.fromEntries(leftOut)).toEqual(LEFT_OUT[golden.name] ?? {})
      expect(preview.positionDeletedFileCount).toBe(POSITION_DELETED[golden.name] ?? 0)
      const skippedCount = leftOut.reduce((sum, [, count]) => sum + count, 0)
      expect(preview.differingFileCount + skippedCount).toBe(preview.fileCount)
    })
  }

  for (const golden of listGoldenTables().filter(({ name }) => LEFT_OUT[name]?.['no-field-ids'] !== undefined)) {
    test(`of files without field ids is rewritten when no column has settings of its own: ${golden.name}`, async () => {
      const identifier = await register(golden, `${golden.name}_of_table`)
      const rows = await readTableRows(await (await openTestCatalog(services)).loadTable(identifier))
      const { table, leftOut } = await rewrite(identifier, OF_TABLE)
      expect(await readTableRows(table)).toEqual(rows)
      expect(leftOut).toEqual([])
    })
  }
})
