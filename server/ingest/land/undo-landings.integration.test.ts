import { beforeAll, describe, expect, it } from 'vitest'
import { LOAD_OPERATIONS } from '@/lib/ingest/load-landing'
import { createTestHome } from '@/testing/homes/test-home'
import { LANDED_FIELDS, LandingTable } from '@/testing/ingest/landing-table'
import { undo } from '@/testing/lifecycle/actions'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { listAudit } from '@/server/db/audit-list'
import { readHistoryAs } from '@/testing/lifecycle/history'

const home = createTestHome({ LAKESHORE_CATALOG_NAME: 'lake' })
let undoCount = 0

async function undoLast(table: LandingTable) {
  const { entries } = await readHistoryAs(home.services, await table.loaded(), TEST_ACTOR)
  const [last] = entries
  if (!last) throw new Error('no history')
  expect(last).toMatchObject({ isUndoable: true, snapshots: [{}] })
  const { namespace, table: name } = table.identifier
  await undo(home.services, table.identifier, last.auditId ?? '', {
    actor: TEST_ACTOR,
    signal: new AbortController().signal,
    requestId: null,
    idempotencyKey: `undo-of-a-landing-${(undoCount += 1)}`,
    confirmedName: [...namespace, name].join('.'),
  })
  return last
}

describe.each([
  [null, '100'],
  ['audit', '100'],
  [null, '2'],
])('In the history and the audit, a load (into branch %s, merging %s manifests)', (branch, minCount) => {
  let table: LandingTable

  beforeAll(async () => {
    table = await LandingTable.create(home.services, {
      fields: LANDED_FIELDS,
      identifierFieldIds: [1],
      partitionBy: 'city',
      properties: { 'commit.manifest.min-count-to-merge': minCount },
    })
    await table.landed('id,city,n\n1,a,1\n2,b,2\n', 'append')
    if (branch !== null) await table.landed('id,city,n\n3,b,3\n', 'append', { branch })
  })

  it.each(LOAD_OPERATIONS)('that does %s is one entry, and undoing it brings the rows back', async (operation) => {
    const before = await table.rows(branch ?? 'main')
    const where = operation === 'replace-where' ? { where: 'city = "b"' } : {}
    await table.landed('id,city,n\n1,b,9\n7,b,7\n', operation, { branch, ...where })
    expect(await table.rows(branch ?? 'main')).not.toEqual(before)
    const { action } = await undoLast(table)
    expect(action).toBe(operation === 'append' ? 'append' : 'overwrite')
    expect(await table.rows(branch ?? 'main')).toEqual(before)
  })
})

it('Undoing a load that created its branch removes the branch', async () => {
  const table = await LandingTable.create(home.services, { fields: LANDED_FIELDS })
  await table.landed('id,city,n\n1,a,1\n', 'append')
  await table.landed('id,city,n\n2,a,2\n', 'append', { branch: 'audit' })
  const [entry] = await listAudit(home.database, { limit: 1 })
  expect(entry).toMatchObject({ action: 'append', after: { intents: [{ kind: 'create-ref', refName: 'audit' }] } })
  await undoLast(table)
  expect(Object.keys((await table.loaded()).metadata.refs)).toEqual(['main'])
})
