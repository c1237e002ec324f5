import { expect, it } from 'vitest'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { findStrayFiles, openTestCatalog } from '@/testing/catalogs/test-catalog'
import { watchDisk } from '@/testing/faults/watch-disk'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import { queueClone } from '@/testing/lifecycle/queue-clone'
import { cloneTableRuns } from './clone-run'
import { CLONE_TABLE } from './clone-task'

const home = createTestHome()
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const csv = (first: number) => `id\n${Array.from({ length: 50 }, (_, i) => `${first + i}\n`).join('')}`
const toIdentifier = (table: string) => ({ catalog: home.config.catalogName, namespace: ['ns'], table })
/** More changes of the disk than a clone of two files makes. */
const MAX_STEPS = 120

/** Only the change with this number in the folder of a table, or where files are staged, fails. */
function failAtStep(stopAt: number, table: string, code: string): { hasFailed: () => boolean; end: () => void } {
  let steps = 0
  const end = watchDisk({
    before: (step) => {
      const path = 'to' in step ? step.to : step.path
      // Removing files needs no space, and is how a failed clone cleans up.
      if (step.kind === 'remove' || !(path.includes(`/${table}`) || path.includes('/staging'))) return
      steps += 1
      if (steps === stopAt) throw Object.assign(new Error(`${code}: injected by the test`), { code })
    },
  })
  return { hasFailed: () => steps >= stopAt, end }
}

it('A full disk at any step of a clone is reported, creates no table and leaves no file', async () => {
  const source = toIdentifier('source')
  await loadCsv(home.services, source, csv(0), { schema: SCHEMA })
  const { metadata, ...table } = await loadCsv(home.services, source, csv(50))
  const spec = {
    source,
    sourceTableUuid: metadata.tableUuid,
    snapshotId: metadata.currentSnapshotId,
    schemaId: metadata.currentSchemaId,
    location: null,
    keepsPartitioning: true,
    keepsSortOrder: true,
    keepsDescription: true,
    properties: [],
  }
  const catalog = await openTestCatalog(home.services)
  const known = await findStrayFiles(home.services)
  let failures = 0
  let name = ''
  for (let stopAt = 1; stopAt <= MAX_STEPS; stopAt += 1) {
    name = `full_${stopAt}`
    const id = await queueClone(home.database, toIdentifier(name), spec)
    const fault = failAtStep(stopAt, name, 'ENOSPC')
    const run = await runQueuedRun(home.services, id, { [CLONE_TABLE]: cloneTableRuns(home.services) })
    fault.end()
    if (!fault.hasFailed()) break
    failures += 1
    expect(run).toMatchObject({ state: 'failed', error: { code: 'storage-full' }, journal: null })
    await expect(catalog.loadTable(toIdentifier(name))).rejects.toMatchObject({ code: 'not-found' })
    expect((await findStrayFiles(home.services)).filter((file) => !known.includes(file))).toEqual([])
  }
  expect(failures).toBeGreaterThan(12)
  expect(failures).toBeLessThan(MAX_STEPS)
  expect(await readTableRows(await catalog.loadTable(toIdentifier(name)))).toEqual(
    await readTableRows({ metadata, ...table }),
  )
}, 480_000)
