import { expect, it } from 'vitest'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { Run } from '@/server/db/jobs/runs'
import { finishingActor } from '@/server/jobs/run-actor'
import { createTestHome } from '@/testing/homes/test-home'
import { auditChange, type NewAuditEntry } from './audit'
import { listAudit } from './audit-list'
import { readSource } from './audit-source'

const home = createTestHome()

const ADA = { userId: 'u1', username: 'ada', role: 'editor' as const }
const DEMO = { userId: 'demo', username: 'demo', role: 'admin' as const, origin: { kind: 'demo' as const } }
const table = { catalog: 'local', namespace: ['a'], table: 't' }

/** The source that an entry has after it was stored. */
async function storedSource(entry: Pick<NewAuditEntry, 'actor'> & Partial<NewAuditEntry>) {
  await home.database.commit([auditChange({ action: 'append', table, requestId: null, ...entry })])
  const [stored] = await listAudit(home.database, { limit: 1 })
  if (!stored) throw new Error('The entry was not stored.')
  return readSource(stored)
}

const ingestBy = (actor: Run['actor']) => finishingActor({ actor, kind: 'ingest' })

it('distinguishes the console, engines, jobs, the command line and the demo lake', async () => {
  const inConsole = { ...actorFor(ADA), origin: { kind: 'console' as const } }
  expect(await storedSource({ actor: inConsole })).toEqual({ source: 'console', job: null })
  expect(await storedSource({ actor: ADA, via: { client: 'PyIceberg', token: 'laptop' } })).toMatchObject({
    source: 'engine',
  })
  expect(await storedSource({ actor: COMMAND_LINE })).toEqual({ source: 'command-line', job: null })
  expect(await storedSource({ actor: ingestBy(ADA) })).toEqual({ source: 'job', job: 'ingest' })
  expect(await storedSource({ actor: ingestBy(COMMAND_LINE) })).toEqual({ source: 'job', job: 'ingest' })
  expect(await storedSource({ actor: DEMO })).toEqual({ source: 'demo', job: null })
  expect(await storedSource({ actor: ingestBy(DEMO) })).toEqual({ source: 'demo', job: null })
})

it('A change without a request, a token or a run comes from the server itself', async () => {
  expect(await storedSource({ actor: ADA })).toEqual({ source: 'server', job: null })
})
