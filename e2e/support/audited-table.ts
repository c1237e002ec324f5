import { expect, type Page } from '@playwright/test'
import type { TableIdentifier } from './addresses'
import { appendTrips, createTripsTable, tripsCsv } from './cli'
import { apiPath } from './lake'

const NO_RETENTION = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }

/** A table whose last load is on the branch `audit` only. */
export async function createAuditedTable(page: Page, table: TableIdentifier) {
  const name = `lab.${table.table}`
  const onMain = await createTripsTable(name, tripsCsv(1n, 10))
  const onAudit = await appendTrips(name, tripsCsv(100n, 5))
  const commit = async (intents: object[]) => {
    const data = { intents, confirmedName: name }
    const response = await page.request.post(`${apiPath(table)}/changes`, { data })
    expect(response.ok(), await response.text()).toBe(true)
  }
  await commit([{ kind: 'create-ref', refName: 'audit', type: 'branch', snapshotId: onAudit, retention: NO_RETENTION }])
  await commit([{ kind: 'roll-back', fromSnapshotId: onAudit, toSnapshotId: onMain, safetyTag: null }])
  return { onMain, onAudit, commit }
}
