import { beforeAll, describe, expect, it } from 'vitest'
import { newSnapshotId } from '@/server/table/commit/run-operation'
import { COMMIT_PROGRAM } from '@/testing/catalogs/commit-program'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { createTestHome } from '@/testing/homes/test-home'
import { bundleProgram, startProgram } from '@/testing/processes/program-process'

/** The two moments of `killed-at-each-step` on which everything depends, quick enough for `npm test`. */

const home = createTestHome()
const toIdentifier = (table: string) => ({ catalog: 'local', namespace: ['demo'], table })

let program: string
beforeAll(async () => {
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  program = await bundleProgram(COMMIT_PROGRAM, home.config.homeDir)
})

/** Appends ten rows to a table of ten in a process that is killed at the step. @returns the id of the snapshot */
async function appendAndKill(table: string, step: string): Promise<string> {
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-table', table: toIdentifier(table), schema: ONE_COLUMN_SCHEMA })
  await appendTenRows(home.services, toIdentifier(table))
  const snapshotId = newSnapshotId()
  const other = startProgram(home.config, program, ['append', table, snapshotId, step])
  expect(await other.ended).toBeNull()
  expect(other.lines).toEqual([`killed at ${step}`])
  return snapshotId
}

describe('An append whose process is killed by SIGKILL', () => {
  it.each([
    { step: 'before the swap', isCommitted: false },
    { step: 'after the swap', isCommitted: true },
  ])('$step is committed: $isCommitted, and the next commit works', async ({ step, isCommitted }) => {
    const table = isCommitted ? 'late' : 'early'
    const killed = await appendAndKill(table, step)
    const found = await verifyTable(home.services, toIdentifier(table))
    expect(found.rows).toBe(isCommitted ? 20 : 10)
    expect(found.log.includes(killed)).toBe(isCommitted)

    const next = await appendTenRows(home.services, toIdentifier(table))
    const after = await verifyTable(home.services, toIdentifier(table))
    expect(after).toMatchObject({ rows: found.rows + 10, log: [...found.log, next] })
  })
})
