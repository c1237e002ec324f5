import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { COMMIT_PROGRAM } from '@/testing/catalogs/commit-program'
import { bundleProgram, startProgram } from '@/testing/processes/program-process'
import { createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { rawQuery } from '@/testing/databases/test-sql'
import { listAudit } from '@/server/db/audit-list'
import { newSnapshotId } from '@/server/table/commit/run-operation'

const home = createTestHome()

/** More steps than either kind of work has. The first process that is not killed is the last. */
const MAX_STEPS = 80
/** Number of concurrent processes. */
const WIDTH = 3

type KilledRun = { table: string; commitId: string; stopAt: number; killedAt: string; isAcknowledged: boolean }

let token: string
const toIdentifier = (table: string) => ({ catalog: 'local', namespace: ['demo'], table })
const metadataFilesOf = (table: string) =>
  readdirSync(`${home.config.homeDir}/warehouse/demo/${table}/metadata`).filter((name) =>
    name.endsWith('.metadata.json'),
  )

/** Runs a process for each step, each on its own table with ten rows. The last one survives. */
async function killAtEachStep(program: string, work: 'append' | 'commit', newId: () => string): Promise<KilledRun[]> {
  const killed: KilledRun[] = []
  let next = 1
  let hasSurvived = false
  const runs = Array.from({ length: WIDTH }, async () => {
    while (!hasSurvived) {
      const [stopAt, commitId] = [next, newId()]
      next += 1
      if (stopAt > MAX_STEPS) throw new Error(`${work} has more steps than ${MAX_STEPS}`)
      const table = `${work}${stopAt}`
      await (await openTestCatalog(home.services)).write({
        kind: 'create-table',
        table: toIdentifier(table),
        schema: ONE_COLUMN_SCHEMA,
      })
      await appendTenRows(home.services, toIdentifier(table))
      const other = startProgram(home.config, program, [work, table, commitId, String(stopAt)], {
        env: { TOKEN: token },
      })
      const code = await other.ended
      const [first = ''] = other.lines
      if (code === 0) hasSurvived = true
      else if (!first.startsWith('killed at ')) throw new Error(`step ${stopAt} of ${work} ended with code ${code}`)
      killed.push({ table, commitId, stopAt, killedAt: first, isAcknowledged: code === 0 })
    }
  })
  await Promise.all(runs)
  return killed.sort((a, b) => a.stopAt - b.stopAt)
}

let program: string
beforeAll(async () => {
  token = await createRestTokenAs(home.services, 'editor')
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  program = await bundleProgram(COMMIT_PROGRAM, home.config.homeDir)
})

describe('An append whose process is killed', () => {
  let killed: KilledRun[]
  beforeAll(async () => {
    killed = await killAtEachStep(program, 'append', newSnapshotId)
  })

  /** The table after the kill, and after one more append by another process. */
  async function inspectTable({ table, commitId }: KilledRun) {
    const found = await verifyTable(home.services, toIdentifier(table))
    const filesBefore = metadataFilesOf(table)
    const nextId = await appendTenRows(home.services, toIdentifier(table))
    const after = await verifyTable(home.services, toIdentifier(table))
    expect(after.rows).toBe(found.rows + 10)
    expect(after.log).toEqual([...found.log, nextId])
    expect(after.sequenceNumbers).toEqual(after.log.map((_, index) => index + 1))
    expect(new Set(metadataFilesOf(table)).size).toBe(filesBefore.length + 1)
    return { ...found, exists: found.log.includes(commitId), strayCount: filesBefore.length - found.log.length - 1 }
  }

  /** The step that gives the metadata file its name, and the one before the swap. */
  const stepOf = (pattern: RegExp) => killed.find((one) => pattern.test(one.killedAt))?.stopAt ?? Number.NaN
  const namingStep = () => stepOf(/^killed at link .*metadata\.json$/)
  const swapStep = () => stepOf(/^killed at before the swap$/)

  it('before its metadata file has its name leaves the table unchanged, and the next commit works (commit-safety 2)', async () => {
    const early = killed.filter(({ stopAt }) => stopAt <= namingStep())
    expect(early.length).toBeGreaterThan(12)
    for (const one of early) expect(await inspectTable(one)).toMatchObject({ exists: false, rows: 10, strayCount: 0 })
  })

  it('after writing its metadata file but before the swap leaves a harmless stray file (commit-safety 3)', async () => {
    const between = killed.filter(({ stopAt }) => stopAt > namingStep() && stopAt <= swapStep())
    expect(between.length).toBeGreaterThan(1)
    for (const one of between) expect(await inspectTable(one)).toMatchObject({ exists: false, rows: 10, strayCount: 1 })
  })

  it('after the swap is committed once, and is found by its snapshot id (commit-safety 4)', async () => {
    const late = killed.filter(({ stopAt, isAcknowledged }) => stopAt > swapStep() && !isAcknowledged)
    expect(late.map(({ killedAt }) => killedAt)).toEqual(['killed at after the swap'])
    for (const one of [...late, ...killed.filter(({ isAcknowledged }) => isAcknowledged)]) {
      const found = await inspectTable(one)
      expect(found).toMatchObject({ exists: true, rows: 20, strayCount: 0 })
      const entries = await listAudit(home.database, { tableUuid: found.metadata.tableUuid, limit: 10 })
      expect(entries.map(({ action }) => action)).toEqual(['append', 'append', 'append'])
    }
  })
})

describe('A commit over REST whose process is killed', () => {
  it('at any step is done once when it is sent again with its key (commit-safety 4, 26)', async () => {
    const callRest = createRestClient(home.services, token)
    const killed = await killAtEachStep(program, 'commit', randomUUID)
    expect(killed.map(({ killedAt }) => killedAt)).toContain('killed at after the swap')
    for (const { table, commitId, killedAt } of killed) {
      const body = { requirements: [], updates: [{ action: 'set-properties', updates: { k: 'v' } }] }
      const sendAgain = () =>
        callRest('POST', `local/namespaces/demo/tables/${table}`, { body, headers: { 'idempotency-key': commitId } })
      const before = metadataFilesOf(table)
      expect(((await sendAgain()).body.metadata as { properties: object }).properties).toMatchObject({ k: 'v' })
      expect((await sendAgain()).status).toBe(200)
      const { metadata } = await verifyTable(home.services, toIdentifier(table))
      // The versions: created, appended to, and changed once.
      expect({ at: killedAt, log: metadata.metadataLog.length }).toEqual({ at: killedAt, log: 2 })
      expect(metadataFilesOf(table).length - before.length).toBeLessThanOrEqual(1)
      const entries = await listAudit(home.database, { tableUuid: metadata.tableUuid, limit: 10 })
      expect(entries.filter(({ action }) => action === 'set-properties')).toHaveLength(1)
    }
    expect(await home.database.read(rawQuery('SELECT key FROM idempotency'))).toHaveLength(killed.length)
  })
})
