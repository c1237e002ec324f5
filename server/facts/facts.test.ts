import { beforeAll, describe, expect, it } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { registerExternally, setPropertiesExternally } from '@/testing/catalogs/external-writes'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { auditChange } from '@/server/db/audit'
import { findHistory } from '@/server/db/facts/histories'
import { OwnCatalogPoll, ownCatalogSource } from './own-catalog'
import { recordTableChanges } from './record-changes'

/** From the writes of our own catalog to the rows of a table's history. Commits have a summary, and no files. */

const testHome = createTestHome()
const { signal } = new AbortController()
const SCHEMA = { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }

const toIdentifier = (table: string): TableIdentifier => ({ catalog: 'local', namespace: ['facts'], table })
const open = () => openTestCatalog(testHome.services)
const collect = () => recordTableChanges(testHome.services, ownCatalogSource(testHome.services, signal), signal)
const poll = () => new OwnCatalogPoll(testHome.services).run(signal)

let lastId = 0n
async function createTable(name: string): Promise<TableIdentifier> {
  const table = toIdentifier(name)
  await (await open()).write({ kind: 'create-table', table, schema: SCHEMA as never })
  return table
}

async function update(table: TableIdentifier, updates: readonly TableUpdate[]): Promise<void> {
  await (await open()).write({ kind: 'commit-table', table, change: { requirements: [], updates } })
}

/** Commits a snapshot on a branch, with the totals that follow from its parent. @returns its id */
async function commit(
  table: TableIdentifier,
  counts: Record<string, number>,
  { operation = 'append', branch = 'main' }: { operation?: string; branch?: string } = {},
): Promise<string> {
  const { metadata } = await (await open()).loadTable(table)
  const parentId = metadata.refs[branch]?.snapshotId ?? metadata.currentSnapshotId
  const parent = metadata.snapshots.find(({ snapshotId }) => snapshotId === parentId)
  const total =
    Number(parent?.summary['total-records'] ?? 0) + (counts['added-records'] ?? 0) - (counts['deleted-records'] ?? 0)
  lastId += 1n
  const snapshotId = String(9_007_199_254_740_993n + lastId)
  const summary = Object.fromEntries([
    ['operation', operation],
    ...Object.entries({ ...counts, 'total-records': total }).map(([key, value]) => [key, String(value)]),
  ]) as Record<string, string>
  await update(table, [
    {
      action: 'add-snapshot',
      snapshot: {
        snapshotId,
        parentSnapshotId: parentId,
        sequenceNumber: metadata.lastSequenceNumber + 1,
        timestampMs: metadata.lastUpdatedMs,
        manifestList: `${metadata.location}/metadata/snap-${snapshotId}.avro`,
        summary,
        schemaId: 0,
      },
    },
    { action: 'set-snapshot-ref', refName: branch, snapshotId, type: 'branch' },
  ])
  return snapshotId
}

const moveMain = (table: TableIdentifier, snapshotId: string) =>
  update(table, [{ action: 'set-snapshot-ref', refName: 'main', snapshotId, type: 'branch' }])

async function rowsOf(table: TableIdentifier): Promise<string[]> {
  const rows = await testHome.database.read(
    rawQuery<{ kind: string; added: number; removed: number; reason: string | null }>(
      `SELECT kind, rows_added AS added, rows_removed AS removed, reason FROM fact_commits
        WHERE table_id = (SELECT id FROM fact_tables WHERE namespace = 'facts' AND table_name = ?) ORDER BY seq`,
      [table.table],
    ),
  )
  return rows.map(({ kind, added, removed, reason }) => [kind, `+${added} -${removed}`, reason ?? []].flat().join(' '))
}

async function daysOf(table: TableIdentifier): Promise<Record<string, number>> {
  const rows = await testHome.database.read(
    rawQuery<{ term: string; total: number }>(
      `SELECT term, sum(rows) AS total FROM fact_days
        WHERE table_id = (SELECT id FROM fact_tables WHERE namespace = 'facts' AND table_name = ?) GROUP BY term ORDER BY term`,
      [table.table],
    ),
  )
  return Object.fromEntries(rows.map(({ term, total }) => [term, total]))
}

const totalRows = async (table: TableIdentifier) => (await findHistory(testHome.database, table))?.state.total.rows
const eventsOf = async (table: TableIdentifier) =>
  (
    await testHome.database.read(
      rawQuery<{ kind: string }>(
        'SELECT kind FROM fact_events WHERE table_id = (SELECT id FROM fact_tables WHERE table_name = ?) ORDER BY id',
        [table.table],
      ),
    )
  ).map(({ kind }) => kind)

beforeAll(async () => {
  await (await open()).write({ kind: 'create-namespace', namespace: ['facts'], properties: {} })
})

describe('The history of a table of our own catalog', () => {
  it('has a rollback as what it took back, and the commit that came before it', async () => {
    const table = await createTable('rolled_back')
    const first = await commit(table, { 'added-records': 200_000 })
    const second = await commit(table, { 'added-records': 50_000 })
    await moveMain(table, first)
    await moveMain(table, second)
    expect(await collect()).toEqual({ taken: 5, used: 5 })
    expect(await rowsOf(table)).toEqual([
      'commit +200000 -0',
      'commit +50000 -0',
      'taken-back +50000 -0',
      'put-back +50000 -0',
    ])
    expect(await daysOf(table)).toEqual({ 'came-in': 250_000, 'put-back': 50_000, 'taken-back': 50_000 })
    expect(await totalRows(table)).toBe(250_000)
    expect(await eventsOf(table)).toEqual(['rollback'])
    expect(await collect()).toEqual({ taken: 0, used: 0 })
  })

  it('keeps what expired snapshots brought, even if nothing read the table before the expiry', async () => {
    const table = await createTable('expired')
    const ids = [await commit(table, { 'added-records': 400_001 }), await commit(table, { 'added-records': 652_419 })]
    await commit(table, { 'added-records': 600_000, 'deleted-records': 600_000 }, { operation: 'replace' })
    await update(table, [{ action: 'remove-snapshots', snapshotIds: ids }])
    await collect()
    expect(await daysOf(table)).toEqual({ 'came-in': 1_052_420, moved: 600_000 })
    expect(await totalRows(table)).toBe(1_052_420)
    expect(await eventsOf(table)).toEqual(['expiry'])
  })

  it('counts a branch when it is published', async () => {
    const table = await createTable('published')
    await commit(table, { 'added-records': 10 })
    await commit(table, { 'added-records': 5 }, { branch: 'audit' })
    const head = await commit(table, { 'added-records': 7 }, { branch: 'audit' })
    await collect()
    expect(await totalRows(table)).toBe(10)
    await moveMain(table, head)
    await collect()
    expect(await rowsOf(table)).toEqual([
      'commit +10 -0',
      'off-main +5 -0',
      'off-main +7 -0',
      'commit +5 -0',
      'commit +7 -0',
    ])
    expect(await totalRows(table)).toBe(22)
  })

  it('goes on when the table is renamed, dropped and restored, and is another one under its old name', async () => {
    const table = await createTable('before')
    await commit(table, { 'added-records': 3 })
    const catalog = await open()
    const renamed = toIdentifier('renamed')
    await catalog.write({ kind: 'rename-table', table, to: renamed })
    await createTable('before')
    await commit(table, { 'added-records': 1_000 })
    const { metadataLocation } = await catalog.loadTable(renamed)
    await catalog.write({ kind: 'drop-table', table: renamed })
    await collect()
    expect(await totalRows(renamed)).toBeUndefined()
    await catalog.write({ kind: 'register-table', table: renamed, metadataLocation })
    await commit(renamed, { 'added-records': 4 })
    await collect()
    expect(await rowsOf(renamed)).toEqual(['commit +3 -0', 'cleared +0 -3', 'put-back +3 -0', 'commit +4 -0'])
    expect(await eventsOf(renamed)).toEqual(['renamed', 'dropped', 'restored'])
    expect([await totalRows(table), await totalRows(renamed)]).toEqual([1_000, 7])
  })

  it('goes on under the new name, also if another table has the old one before a worker knows of the rename', async () => {
    const table = await createTable('reused')
    await commit(table, { 'added-records': 100 })
    await collect()
    const renamed = toIdentifier('kept')
    await (await open()).write({ kind: 'rename-table', table, to: renamed })
    await createTable('reused')
    await commit(table, { 'added-records': 5 })
    expect(await poll()).toBe(0)
    await collect()
    expect(await poll()).toBe(0)
    expect(await rowsOf(renamed)).toEqual(['commit +100 -0'])
    expect(await rowsOf(table)).toEqual(['commit +5 -0'])
    expect(await eventsOf(renamed)).toEqual(['renamed'])
  })

  it('begins with what is still known of the table, and says what is not', async () => {
    const table = await createTable('upgraded')
    const first = await commit(table, { 'added-records': 100 })
    const rolledBack = await commit(table, { 'added-records': 20 })
    await moveMain(table, first)
    await commit(table, { 'added-records': 3 })
    const { metadata, metadataLocation } = await (await open()).loadTable(table)
    await update(table, [{ action: 'remove-snapshots', snapshotIds: [first, rolledBack] }])
    // As after an upgrade: the commits left no changes, and the earlier metadata files are gone.
    const beginAgain = async () => {
      await testHome.database.commit(['fact_changes', 'fact_tables'].map((name) => rawChange(`DELETE FROM ${name}`)))
      await poll()
    }
    await update(table, [{ action: 'set-properties', updates: { 'write.metadata.previous-versions-max': '1' } }])
    await beginAgain()
    expect(await rowsOf(table)).toEqual(['not-read +100 -0 before-history', 'commit +3 -0'])

    const entry = { actor: COMMAND_LINE, action: 'expire', table, tableUuid: metadata.tableUuid, requestId: null }
    await testHome.database.commit([auditChange({ ...entry, before: { metadataLocation, snapshotCount: 3 } })])
    await beginAgain()
    expect(await rowsOf(table)).toEqual(['commit +100 -0', 'commit +20 -0', 'taken-back +20 -0', 'commit +3 -0'])

    await commit(table, { 'added-records': 4 })
    // The commit waits as a change, so the poll leaves it to that.
    expect(await poll()).toBe(0)
    await collect()
    expect(await totalRows(table)).toBe(107)
    expect(await poll()).toBe(0)
  })

  it('has what other programs write into the database of the catalog', async () => {
    const table = await createTable('foreign')
    await commit(table, { 'added-records': 9 })
    await collect()
    await setPropertiesExternally(testHome.services, table, { owner: 'ada' })
    await commit(table, { 'added-records': 1 })
    await collect()
    await setPropertiesExternally(testHome.services, table, { owner: 'bob' })
    expect(await poll()).toBe(1)
    expect(await eventsOf(table)).toEqual(['properties', 'properties'])

    const { metadataLocation } = await (await open()).loadTable(table)
    await registerExternally(testHome.database, toIdentifier('copy'), metadataLocation)
    expect(await poll()).toBe(1)
    expect([await totalRows(table), await totalRows(toIdentifier('copy'))]).toEqual([10, 10])
    const write = (sql: string) => testHome.database.commit([rawChange(sql)])
    await write("UPDATE iceberg_tables SET table_name = 'moved' WHERE table_name = 'copy'")
    expect(await poll()).toBe(1)
    await write("DELETE FROM iceberg_tables WHERE table_name = 'foreign'")
    expect(await poll()).toBe(1)
    expect([await totalRows(table), await totalRows(toIdentifier('moved'))]).toEqual([undefined, 10])
    expect(await eventsOf(toIdentifier('moved'))).toEqual(['renamed'])
  })

  it('reads the files when a change has no description, and gives up when they are gone', async () => {
    const table = await createTable('long')
    await commit(table, { 'added-records': 6 })
    await testHome.database.commit([rawChange('UPDATE fact_changes SET detail = NULL')])
    await collect()
    expect(await rowsOf(table)).toEqual(['commit +6 -0'])
    await commit(table, { 'added-records': 2 })
    await testHome.database.commit([
      rawChange("UPDATE fact_changes SET detail = NULL, to_location = 'file:///gone.json'"),
    ])
    for (let attempt = 0; attempt < 5; attempt += 1) expect(await collect()).toEqual({ taken: 1, used: 0 })
    expect(await collect()).toEqual({ taken: 0, used: 0 })
    expect(await poll()).toBe(1)
    expect(await totalRows(table)).toBe(8)
  })

  it('counts each commit once when several processes collect at once', async () => {
    const table = await createTable('contended')
    for (let count = 1; count <= 5; count += 1) await commit(table, { 'added-records': count })
    await Promise.all([collect(), poll(), collect(), poll()])
    while ((await collect()).taken > 0);
    expect(await rowsOf(table)).toEqual([1, 2, 3, 4, 5].map((count) => `commit +${count} -0`))
    expect(await totalRows(table)).toBe(15)
  })
})
