import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome, signInAs, type SignedInUser } from '@/testing/homes/test-home'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { listAudit } from '@/server/db/audit-list'
import { deleteGrantChange, putGrantChanges } from '@/server/db/auth/grants'
import { queueRun, listRuns } from '@/server/db/jobs/runs'
import { createSchedule, lastRunChange, readSchedule } from '@/server/db/jobs/schedules'
import { readRoleGrants } from '@/server/db/auth/grants'
import { changeSchedule, planSchedule, removeSchedule, runScheduleNow, takeOverSchedule } from './change-schedule'
import { MAX_FAILURES_IN_A_ROW, ScheduleQueue, WATCH_INTERVAL_MS } from './schedule-loop'
import { buildWireSchedule } from './schedule-view'
import type { ScheduledKind } from './scheduled-kind'

/** Work that users save and that a schedule repeats, with a kind that only counts. */

const home = createTestHome()
const TARGET = { catalog: 'local', namespace: ['ns'], table: 'target' }
const WATCHED = { catalog: 'local', namespace: ['ns'], table: 'watched' }
const KIND = 'counting'
const { signal } = new AbortController()

let prepare: ScheduledKind['prepareRun']
const kinds = {
  [KIND]: {
    needs: () => [{ permission: 'table:write', resource: TARGET }],
    canBeTakenOver: true,
    describe: () => 'what it counts',
    prepareRun: (...args) => prepare(...args),
  } satisfies ScheduledKind,
}
let database: Database
let services: Parameters<typeof changeSchedule>[0]

let owner: SignedInUser
let other: SignedInUser
let viewer: SignedInUser

beforeAll(async () => {
  database = home.database
  services = { ...home.services, scheduledKinds: kinds }
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['ns'], properties: {} })
  for (const table of [TARGET, WATCHED]) await catalog.write({ kind: 'create-table', table, schema: ONE_COLUMN_SCHEMA })
  owner = await signInAs(home.services, null)
  other = await signInAs(home.services, 'editor')
  viewer = await signInAs(home.services, 'viewer')
})
beforeEach(async () => {
  await database.commit(['runs', 'run_logs', 'schedules'].map((table) => rawChange(`DELETE FROM ${table}`)))
  await database.commit(
    putGrantChanges({
      grantId: 'g',
      holder: { kind: 'user', id: owner.userId },
      role: 'editor',
      resource: { catalog: 'local', namespace: ['ns'] },
      createdBy: 'a test',
    }),
  )
  prepare = async (_services, { kind, title, actor, table }) => ({
    kind,
    title,
    spec: { prepared: true },
    actor,
    table,
  })
})

async function actorOf(
  { userId, username }: SignedInUser,
  role: 'editor' | 'viewer' | 'admin' | null = null,
): Promise<Actor> {
  return actorFor({ userId, username, role, roleGrants: await readRoleGrants(database, userId) })
}

type Requested = Omit<Parameters<typeof planSchedule>[1], 'task'>

async function save(requested: Requested = { startsBy: 'times', cron: '0 2 * * *' }): Promise<string> {
  const task = { kind: KIND, title: 'Saved', spec: {}, table: TARGET }
  const { schedule, hasNoLimit } = await planSchedule(
    services,
    { task, ...requested },
    { actor: await actorOf(owner), signal },
  )
  await createSchedule(database, schedule, { hasNoLimit })
  return schedule.id
}

const queue = () => new ScheduleQueue(home.services, kinds, signal)
const runs = () => listRuns(database, { limit: 100 })
const requireSchedule = async (id: string) => {
  const found = await readSchedule(database, id)
  if (!found) throw new Error('it was removed')
  return found
}
const dueAt = async (id: string) => (await requireSchedule(id)).nextAtMs ?? 0
const endRuns = (state = 'succeeded') =>
  database.commit([
    rawChange('UPDATE runs SET state = ?, finished_at_ms = 1, error = ?', [
      state,
      state === 'failed' ? '{"code":"internal","detail":"It broke.","facts":{}}' : null,
    ]),
  ])
const caller = async (user: SignedInUser, role: 'editor' | 'viewer' | 'admin' | null = null) => ({
  actor: await actorOf(user, role),
  requestId: null,
  signal,
})

describe('Saved work', () => {
  it('is queued at its times, as its kind prepares it, for its owner', async () => {
    const id = await save()
    await queue().queueDue(await dueAt(id))
    expect(await runs()).toMatchObject([
      { scheduleId: id, spec: { prepared: true }, actor: { userId: owner.userId }, table: TARGET },
    ])
  })

  it('pauses with the reason when its kind refuses, which is audited as an act of the console', async () => {
    const id = await save()
    prepare = async () => ({ pausedBecause: 'The moon is full.' })
    await queue().queueDue(await dueAt(id))
    expect(await runs()).toEqual([])
    expect(await requireSchedule(id)).toMatchObject({
      isEnabled: false,
      nextAtMs: null,
      pausedBecause: 'The moon is full.',
    })
    expect((await listAudit(database, { limit: 1 }))[0]).toMatchObject({
      action: 'pause-schedule',
      actor: { username: 'Lakeshore' },
      after: { schedule: { title: 'Saved', pausedBecause: 'The moon is full.' } },
    })
  })

  it('pauses when its owner has lost the grant, and goes on when a user with it takes it over', async () => {
    const id = await save()
    await database.commit([deleteGrantChange('g')])
    await queue().queueDue(await dueAt(id))
    const paused = await requireSchedule(id)
    expect(paused.pausedBecause).toBe(
      `Its owner ${owner.username} no longer has the permission table:write on ns.target.`,
    )
    const resume = async (user: SignedInUser) => changeSchedule(services, id, { isEnabled: true }, await caller(user))
    await expect(resume(owner)).rejects.toThrow('no longer has the permission')
    await expect(
      takeOverSchedule(services, id, { version: paused.version }, await caller(viewer, 'viewer')),
    ).rejects.toThrow('may not take over')
    const taken = await takeOverSchedule(services, id, { version: paused.version }, await caller(other, 'editor'))
    expect(taken).toMatchObject({ ownerId: other.userId, isEnabled: true, pausedBecause: null })
    await queue().queueDue(taken.nextAtMs ?? 0)
    expect(await runs()).toMatchObject([{ actor: { userId: other.userId } }])
  })

  it.each([
    [
      'disabled',
      'UPDATE users SET disabled_at_ms = 1 WHERE id = ?',
      'UPDATE users SET disabled_at_ms = NULL WHERE id = ?',
    ],
  ])('pauses when its owner was %s', async (_what, sql, undo) => {
    const id = await save()
    await database.commit([rawChange(sql, [owner.userId])])
    await queue().queueDue(await dueAt(id))
    await database.commit([rawChange(undo, [owner.userId])])
    expect((await requireSchedule(id)).pausedBecause).toContain('was disabled')
    const resumed = await changeSchedule(services, id, { isEnabled: true }, await caller(owner))
    expect(resumed).toMatchObject({ isEnabled: true, pausedBecause: null })
  })

  it('waits after a transient failure, and does not pause', async () => {
    const id = await save()
    prepare = async () => {
      throw new AppError('catalog-unavailable', 'Away.')
    }
    const at = await dueAt(id)
    await queue().queueDue(at)
    const waiting = await requireSchedule(id)
    expect(waiting).toMatchObject({ isEnabled: true, pausedBecause: null })
    expect(waiting.nextAtMs).toBeGreaterThan(at)
    expect(waiting.nextAtMs).toBeLessThanOrEqual(at + WATCH_INTERVAL_MS)
  })

  it('pauses after five failures in a row, which begin to count again when a user resumes it', async () => {
    const id = await save()
    for (let i = 0; i < MAX_FAILURES_IN_A_ROW; i += 1) {
      await queue().queueDue(await dueAt(id))
      await endRuns('failed')
    }
    await queue().queueDue(0)
    expect((await requireSchedule(id)).pausedBecause).toBe('5 runs in a row failed, the last one with: It broke.')
    expect(await runs()).toHaveLength(MAX_FAILURES_IN_A_ROW)
    await new Promise((resolve) => setTimeout(resolve, 5))
    await changeSchedule(services, id, { isEnabled: true }, await caller(owner))
    await queue().queueDue(0)
    expect(await requireSchedule(id)).toMatchObject({ isEnabled: true, pausedBecause: null })
  })

  it('is changed and removed by its owner and by admins only, in the version that they have seen', async () => {
    const id = await save()
    const rename = async (user: SignedInUser, role: 'admin' | 'editor' | null, version = 1) =>
      changeSchedule(services, id, { version, name: 'Other' }, await caller(user, role))
    await expect(rename(other, 'editor')).rejects.toThrow('Only its owner and admins')
    expect(await rename(owner, null)).toMatchObject({ title: 'Other', version: 2 })
    await expect(rename(other, 'admin')).rejects.toThrow('changed or removed since')
    expect(await rename(other, 'admin', 2)).toMatchObject({ version: 3 })
    await expect(removeSchedule(services, id, await caller(other, 'editor'))).rejects.toThrow('Only its owner')
    await removeSchedule(services, id, await caller(owner))
    expect(await readSchedule(database, id)).toBeNull()
    expect((await listAudit(database, { limit: 1 }))[0]).toMatchObject({ action: 'remove-schedule', after: null })
  })

  it('is run now by those who may do the work, for its owner, once under a key, and not while it runs', async () => {
    const id = await save({ startsBy: 'hand' })
    expect(await requireSchedule(id)).toMatchObject({ nextAtMs: null, isEnabled: true })
    await expect(runScheduleNow(services, id, await caller(viewer, 'viewer'))).rejects.toThrow('may not run')
    const key = { idempotencyKey: 'a key of this test' }
    const run = await runScheduleNow(services, id, { ...(await caller(other, 'editor')), ...key })
    expect(run).toMatchObject({ actor: { userId: owner.userId }, scheduleId: id })
    expect((await runScheduleNow(services, id, await caller(owner))).id).toBe(run.id)
    await endRuns()
    expect((await runScheduleNow(services, id, { ...(await caller(other, 'editor')), ...key })).id).toBe(run.id)
    expect((await runScheduleNow(services, id, await caller(owner))).id).not.toBe(run.id)
  })

  it('says to each user what they may do', async () => {
    const id = await save()
    const as = async (user: SignedInUser, role: 'editor' | 'viewer' | 'admin' | null) => {
      const context = { database, kinds, actor: await actorOf(user, role) }
      const { isOwn, canChange, canRun, canTakeOver } = await buildWireSchedule(context, await requireSchedule(id))
      return [isOwn, canChange, canRun, canTakeOver]
    }
    expect(await as(owner, null)).toEqual([true, true, true, false])
    expect(await as(other, 'editor')).toEqual([false, false, true, true])
    expect(await as(other, 'admin')).toEqual([false, true, true, true])
    expect(await as(viewer, 'viewer')).toEqual([false, false, false, false])
  })
})

describe('Work that follows changes of tables', () => {
  const WATCHING = { startsBy: 'tables', watchedTables: [WATCHED] } as const
  /** The next look of the schedule. */
  const look = async (id: string) => queue().queueDue(await dueAt(id))

  it('is queued once for each new head of main, and not for the one that was there', async () => {
    const id = await save(WATCHING)
    await look(id)
    await look(id)
    expect(await runs()).toEqual([])
    await appendTenRows(home.services, WATCHED)
    await look(id)
    await endRuns()
    await look(id)
    expect(await runs()).toHaveLength(1)
    const before = await dueAt(id)
    await look(id)
    expect(await dueAt(id)).toBe(before + WATCH_INTERVAL_MS)
  })

  it('waits while its last run is running, and sees then what has changed', async () => {
    const id = await save(WATCHING)
    await look(id)
    await appendTenRows(home.services, WATCHED)
    await look(id)
    await appendTenRows(home.services, WATCHED)
    await look(id)
    expect(await runs()).toHaveLength(1)
    await endRuns()
    await look(id)
    expect(await runs()).toHaveLength(2)
  })

  it('sees what a manual run has seen', async () => {
    const id = await save(WATCHING)
    await look(id)
    await appendTenRows(home.services, WATCHED)
    await runScheduleNow(services, id, await caller(owner))
    await endRuns()
    await look(id)
    expect(await runs()).toHaveLength(1)
  })

  it('pauses without naming a table that its owner may not read any longer', async () => {
    const id = await save(WATCHING)
    await look(id)
    await database.commit([
      rawChange("UPDATE schedules SET watched_tables = replace(watched_tables, 'watched', 'gone')"),
    ])
    await look(id)
    expect((await requireSchedule(id)).pausedBecause).toBe(
      `A table that it watches does not exist, or ${owner.username} may not read it.`,
    )
  })

  it('cannot watch its own target, a table twice, or none', async () => {
    await expect(save({ startsBy: 'tables', watchedTables: [TARGET] })).rejects.toThrow('would change the table')
    await expect(save({ startsBy: 'tables', watchedTables: [WATCHED, WATCHED] })).rejects.toThrow('named twice')
    await expect(save({ startsBy: 'tables' })).rejects.toThrow('at least one')
  })
})

it('A manual run is recorded as the last one', async () => {
  const id = await save()
  const run = await queueRun(database, {
    kind: KIND,
    title: 't',
    spec: {},
    actor: { userId: 'u', username: 'u', role: 'admin' },
    table: TARGET,
    scheduleId: id,
  })
  await database.commit([lastRunChange(id, run, null)])
  expect(await requireSchedule(id)).toMatchObject({ lastRunId: run })
})
