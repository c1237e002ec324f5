import { joinNamespace } from '@/lib/names/identifiers'
import { listAudit } from '@/server/db/audit-list'
import { putGrantChanges } from '@/server/db/auth/grants'
import { addBulkChangeChanges } from '@/server/db/jobs/bulk-changes'
import { queueRun } from '@/server/db/jobs/runs'
import type { Services } from '@/server/services'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { sampleViewVersion } from '@/testing/iceberg/sample-view'
import { signInAs } from './test-home'

export type HiddenLake = {
  /** The cookie of a user with a role on the table `ours.t` alone. */
  cookie: string
  /** The parts of addresses, by their names in routes: of hidden resources, and of missing ones. */
  parts: Record<string, { hidden: string; missing: string }>
}

/** A lake with one table that the user may see. Everything else has `hidden` in its name. */
export async function createHiddenLake(services: Services): Promise<HiddenLake> {
  const { database } = services
  const catalog = await openTestCatalog(services)
  for (const namespace of ['ours', 'hidden_ns'])
    await catalog.write({ kind: 'create-namespace', namespace: [namespace], properties: {} })
  const ours = { catalog: 'local', namespace: ['ours'], table: 't' }
  const hidden = { catalog: 'local', namespace: ['hidden_ns'], table: 'hidden_table' }
  for (const table of [ours, hidden]) await catalog.write({ kind: 'create-table', table, schema: ONE_COLUMN_SCHEMA })
  await catalog.write({
    kind: 'create-view',
    view: { catalog: 'local', namespace: ['hidden_ns'], view: 'hidden_view' },
    schema: ONE_COLUMN_SCHEMA,
    version: sampleViewVersion({ schemaId: 0 }),
  })
  const admin = await signInAs(services, 'admin')
  const actor = { userId: admin.userId, username: 'hidden things', role: 'admin' } as const
  const run = await queueRun(database, { kind: 'tidy', title: 'Tidy hidden things', spec: {}, actor, table: hidden })
  const [entry] = await listAudit(database, { limit: 1 })
  if (!entry) throw new Error('the audit has no entry')
  const bulkChange = {
    bulkChangeId: 'hidden-bulk-change',
    catalog: 'local',
    selection: {},
    changes: [],
    startedBy: actor,
  }
  await database.commit(addBulkChangeChanges(bulkChange, [hidden]))
  const { userId, cookie } = await signInAs(services, null)
  const holder = { kind: 'user', id: userId } as const
  await database.commit(putGrantChanges({ grantId: 'g', holder, role: 'editor', resource: ours, createdBy: 'a test' }))
  return {
    cookie,
    parts: {
      catalog: { hidden: 'local', missing: 'local' },
      namespace: { hidden: joinNamespace(['hidden_ns']), missing: joinNamespace(['absent_ns']) },
      table: { hidden: 'hidden_table', missing: 'absent_table' },
      view: { hidden: 'hidden_view', missing: 'absent_view' },
      run: { hidden: run, missing: 'absent-run' },
      entry: { hidden: entry.id, missing: 'absent-entry' },
      user: { hidden: admin.userId, missing: 'absent-user' },
      group: { hidden: 'hidden-group', missing: 'absent-group' },
      connection: { hidden: 'hidden-connection', missing: 'absent-connection' },
      bulkChangeId: { hidden: 'hidden-bulk-change', missing: 'absent-bulk-change' },
      proposalId: { hidden: 'hidden-proposal', missing: 'absent-proposal' },
    },
  }
}
