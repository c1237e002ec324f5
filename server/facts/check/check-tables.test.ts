import { expect, it } from 'vitest'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { rawChange } from '@/testing/databases/test-sql'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { queueRun } from '@/server/db/jobs/runs'
import { readLog } from '@/server/db/jobs/run-logs'
import { followRun, withWorker } from '@/server/jobs/follow-run'
import { OwnCatalogPoll } from '../own-catalog'
import { CHECK_HISTORY, checkHistoryRuns } from './check-history'

const testHome = createTestHome()
const { signal } = new AbortController()
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const toTable = (table: string) => ({ catalog: 'local', namespace: ['ns'], table })

async function check() {
  const { services, database } = testHome
  await database.commit([rawChange('DELETE FROM fact_changes')])
  await new OwnCatalogPoll(services).run(signal)
  const id = await queueRun(database, {
    kind: CHECK_HISTORY,
    title: 'Check',
    spec: {},
    actor: COMMAND_LINE,
    table: null,
  })
  const run = await withWorker(services, { [CHECK_HISTORY]: checkHistoryRuns(services) }, () =>
    followRun(database, id, { signal, onProgress: () => {}, pollMs: 5 }),
  )
  const warnings = (await readLog(database, id, 0, 100)).filter(({ level }) => level === 'warning')
  return { outcome: run.outcome, warnings: warnings.map(({ text }) => text) }
}

it('The history of tables is compared with their files, and with its own sums', async () => {
  const { services, database } = testHome
  for (const name of ['equal', 'lying']) await loadCsv(services, toTable(name), 'id\n1\n2\n3\n', { schema: SCHEMA })
  expect(await check()).toEqual({ outcome: { tables: 2, compared: 2, different: 0 }, warnings: [] })

  // A writer whose summary has 40 rows too many.
  const { metadata, metadataLocation, store } = await (await openTestCatalog(services)).loadTable(toTable('lying'))
  const snapshots = metadata.snapshots.map((snapshot) => ({
    ...snapshot,
    summary: { ...snapshot.summary, 'added-records': '43', 'total-records': '43' },
  }))
  const location = metadataLocation.replace(/[^/]*$/, '00009-lying.metadata.json')
  await store.writeNew(location, Buffer.from(writeTableMetadata({ ...metadata, snapshots })))
  await database.commit([
    rawChange("UPDATE iceberg_tables SET metadata_location = ? WHERE table_name = 'lying'", [location], 1),
    rawChange("DELETE FROM fact_tables WHERE table_name = 'lying'"),
  ])
  expect(await check()).toEqual({
    outcome: { tables: 2, compared: 2, different: 1 },
    warnings: ['ns.lying has more in its history than its files: 40 rows, 0 files, 0 bytes.'],
  })

  await database.commit([
    rawChange(
      "UPDATE fact_months SET rows = rows + 5 WHERE table_id = (SELECT id FROM fact_tables WHERE table_name = 'equal')",
    ),
  ])
  const { outcome, warnings } = await check()
  expect(outcome).toMatchObject({ different: 2 })
  expect(warnings).toContain('ns.equal has more in its history than its rows: −5 rows, 0 files, 0 bytes.')
})
