import { expect, test } from 'vitest'
import { type Actor, actorFor } from '@/server/auth/actor'
import { retryRun } from '@/server/jobs/change-run'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { requestCancel } from '@/server/db/jobs/runs'
import { rewriteFilesRuns } from '@/server/maintenance/rewrite-files/rewrite-run'
import { readNewestRewrite, REWRITE_FILES } from '@/server/maintenance/rewrite-files/rewrite-task'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import { rewriteFiles } from '@/testing/lifecycle/actions'
import { commitProposal, propose, readProposal } from './proposals'

const home = createTestHome()
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const request = (actor: Actor) => ({ actor, signal: new AbortController().signal, requestId: null })
const signIn = async () => actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })

async function createTable(name: string) {
  const table = { catalog: home.services.config.catalogName, namespace: ['ns'], table: name }
  const properties = { 'write.parquet.compression-codec': 'snappy' }
  await loadCsv(home.services, table, `id\n${Array.from({ length: 2_000 }, (_, i) => i).join('\n')}\n`, {
    schema: SCHEMA,
    properties,
  })
  const catalog = await openTestCatalog(home.services)
  await catalog.write({
    kind: 'commit-table',
    table,
    change: {
      requirements: [],
      updates: [{ action: 'set-properties', updates: { 'write.parquet.compression-codec': 'zstd' } }],
    },
  })
  return table
}

const demandTwo = (requiresProposal: boolean) =>
  home.database.commit([
    setPolicyChange({ catalog: home.services.config.catalogName, namespace: ['ns'] }, { requiresProposal, by: 'ada' }),
  ])
const run = (id: string) => runQueuedRun(home.services, id, { [REWRITE_FILES]: rewriteFilesRuns(home.services) })

test('A rewrite of files that two users agreed on runs where changes need two people, and no other does', async () => {
  const table = await createTable('agreed')
  const [edna, eric] = [await signIn(), await signIn()]
  const catalog = await openTestCatalog(home.services)
  const early = await rewriteFiles(home.services, table, request(eric))
  await demandTwo(true)
  expect(await run(early.run.id)).toMatchObject({ state: 'failed', error: { code: 'forbidden' } })
  await expect(rewriteFiles(home.services, table, request(eric))).rejects.toMatchObject({ code: 'forbidden' })

  const entry = { kind: 'table', identifier: table } as const
  const action = { kind: 'rewrite-files' } as const
  const { proposalId } = await propose(home.services, entry, { action, title: 'Smaller', note: '' }, request(edna))
  await expect(commitProposal(home.services, entry, proposalId, request(edna))).rejects.toMatchObject({
    code: 'forbidden',
  })
  const { auditId } = await commitProposal(home.services, entry, proposalId, request(eric))
  expect((await listAudit(home.database, { limit: 1 }))[0]).toMatchObject({
    id: auditId,
    action: 'start-run',
    after: { proposal: { proposalId }, run: { kind: REWRITE_FILES } },
  })
  expect(await readProposal(home.services, entry, proposalId, request(edna))).toMatchObject({ state: 'committed' })
  const queued = await readNewestRewrite(home.database, await catalog.loadTable(table))
  const before = (await catalog.loadTable(table)).metadata.snapshots.length
  expect(await run(queued?.id ?? '')).toMatchObject({ state: 'succeeded', outcome: { filesRewritten: 1 } })
  expect((await catalog.loadTable(table)).metadata.snapshots).toHaveLength(before + 1)
  const [committed] = await listAudit(home.database, { limit: 1 })
  expect(committed).toMatchObject({
    actor: { username: eric.username },
    after: { proposal: { proposalId, proposedBy: edna.username } },
  })
  await demandTwo(false)
})

test('A run that two users agreed on is not repeated by the one who proposed it', async () => {
  const table = await createTable('repeated')
  const [edna, eric] = [await signIn(), await signIn()]
  const entry = { kind: 'table', identifier: table } as const
  const proposed = { action: { kind: 'rewrite-files' }, title: 'Smaller', note: '' } as const
  const { proposalId } = await propose(home.services, entry, proposed, request(edna))
  await commitProposal(home.services, entry, proposalId, request(eric))
  const catalog = await openTestCatalog(home.services)
  const queued = await readNewestRewrite(home.database, await catalog.loadTable(table))
  await requestCancel(home.database, queued?.id ?? '')
  await demandTwo(true)
  const again = await retryRun(home.database, queued?.id ?? '', { actor: edna, requestId: null })
  expect(await run(again.id)).toMatchObject({ state: 'failed', error: { code: 'forbidden' } })
  await demandTwo(false)
})

test('A rewrite that two users agreed on rewrites no other table that got the name', async () => {
  const table = await createTable('replaced')
  const [edna, eric] = [await signIn(), await signIn()]
  const entry = { kind: 'table', identifier: table } as const
  const proposed = { action: { kind: 'rewrite-files' }, title: 'Smaller', note: '' } as const
  const { proposalId } = await propose(home.services, entry, proposed, request(edna))
  await commitProposal(home.services, entry, proposalId, request(eric))
  const catalog = await openTestCatalog(home.services)
  const queued = await readNewestRewrite(home.database, await catalog.loadTable(table))
  await catalog.write({ kind: 'drop-table', table })
  await catalog.write({ kind: 'create-table', table, schema: ONE_COLUMN_SCHEMA })
  expect(await run(queued?.id ?? '')).toMatchObject({ state: 'failed', error: { code: 'not-found' } })
})
