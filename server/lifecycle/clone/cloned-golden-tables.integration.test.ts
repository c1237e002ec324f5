import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { parseConfig } from '@/server/config/config'
import { createServices } from '@/server/program/create-services'
import type { Services } from '@/server/services'
import { registerExternally } from '@/testing/catalogs/external-writes'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { GOLDEN_ROOT, type GoldenTable, listGoldenTables } from '@/testing/golden/golden-tables'
import { startRowThreadHere } from '@/testing/homes/row-thread-here'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { queueClone } from '@/testing/lifecycle/queue-clone'
import { cloneTableRuns } from './clone-run'
import { CLONE_TABLE } from './clone-task'

/**
 * Clones of golden tables have their rows, with deletes and lineage, also after the source and its files were removed.
 * The tables have features that our own writer lacks: every kind of delete, files of other formats and engines, dropped
 * and renamed columns, changed partitions, and snapshots of several schemas.
 */

let folder: string
let services: Services

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'cloned-golden-'))
  const config = parseConfig({ LAKESHORE_HOME: path.join(folder, 'home'), LAKESHORE_LOG_LEVEL: 'silent' })
  const to = `${config.warehouse}/golden`
  const warehouse = config.warehouse
  const warehouseMappings = [
    ...[`file:${GOLDEN_ROOT}`, `file://${GOLDEN_ROOT}`].map((from) => ({ from, to })),
    { from: warehouse, to: warehouse },
  ]
  services = createServices({ ...config, warehouseMappings }, { startRowThread: startRowThreadHere })
  await (await openTestCatalog(services)).write({ kind: 'create-namespace', namespace: ['golden'], properties: {} })
})
afterAll(async () => {
  await services.database.close()
  rmSync(folder, { recursive: true })
})

/** Tables that cannot be cloned, with the refusal. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  java_all_kinds_of_deletes: /position delete files from before format version 3/,
  spark_deletes_upgraded_to_v3: /position delete files from before format version 3/,
}

function goldenFolder(name: string): string {
  return path.join(services.config.warehouse.slice('file://'.length), 'golden', name)
}

async function register({ name, folder: recorded, metadata }: GoldenTable): Promise<TableIdentifier> {
  const identifier = { catalog: services.config.catalogName, namespace: ['golden'], table: name }
  mkdirSync(path.dirname(goldenFolder(name)), { recursive: true })
  cpSync(recorded, goldenFolder(name), { recursive: true })
  await registerExternally(services.database, identifier, `file://${GOLDEN_ROOT}/${name}/${metadata}`)
  return identifier
}

async function clone(source: TableIdentifier, name: string) {
  const catalog = await openTestCatalog(services)
  const { metadata } = await catalog.loadTable(source)
  const target = { ...source, table: name }
  const id = await queueClone(services.database, target, {
    source,
    sourceTableUuid: metadata.tableUuid,
    snapshotId: metadata.currentSnapshotId,
    schemaId: metadata.currentSchemaId,
    location: null,
    keepsPartitioning: true,
    keepsSortOrder: true,
    keepsDescription: true,
    properties: Object.keys(metadata.properties),
  })
  return { run: await runQueuedRun(services, id, { [CLONE_TABLE]: cloneTableRuns(services) }), target }
}

describe('A clone of a golden table', () => {
  for (const golden of listGoldenTables().filter(({ name }) => REFUSED[name] === undefined)) {
    test(`has the rows, deletes and lineage of its source: ${golden.name}`, async () => {
      const source = await register(golden)
      const catalog = await openTestCatalog(services)
      const before = await catalog.loadTable(source)
      // We do not read ORC, but copy it.
      const readRows = golden.name === 'spark_orc' ? async () => [] : readTableRows
      const rows = await readRows(before)
      const { run, target } = await clone(source, `${golden.name}_clone`)
      expect(run).toMatchObject({ state: 'succeeded', error: null })
      rmSync(goldenFolder(golden.name), { recursive: true })
      const after = await catalog.loadTable(target)
      expect(await readRows(after)).toEqual(rows)
      expect(after.metadata.snapshots).toHaveLength(before.metadata.currentSnapshotId === null ? 0 : 1)
      expect(after.metadata.lastColumnId).toBe(before.metadata.lastColumnId)
      expect(after.metadata.properties['lakeshore.cloned-from.table-uuid']).toBe(before.metadata.tableUuid)
      const nextRowId = ({ metadata }: typeof before) => BigInt(metadata.nextRowId ?? '0')
      expect(nextRowId(after)).toBeGreaterThanOrEqual(nextRowId(before))
    })
  }

  for (const golden of listGoldenTables().filter(({ name }) => REFUSED[name] !== undefined)) {
    test(`is refused, and leaves nothing: ${golden.name}`, async () => {
      const { run } = await clone(await register(golden), `${golden.name}_clone`)
      expect(run).toMatchObject({ state: 'failed', error: { code: 'not-supported' } })
      expect(run.error?.detail).toMatch(REFUSED[golden.name] ?? /never/)
    })
  }
})
