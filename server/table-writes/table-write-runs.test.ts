import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { runContext } from '@/testing/jobs/run-context'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { queueRun, readRun, type Run } from '@/server/db/jobs/runs'
import {
  emptySnapshotJournal,
  type SnapshotJournal,
  snapshotJournalSchema,
  unknownSnapshotError,
} from './snapshot-journal'
import type { TableWrite } from './table-write'
import type { TableWriteKind } from './table-write-kind'
import { tableWriteRuns } from './table-write-runs'

const home = createTestHome()

const KIND = 'write-rows'
const OUTCOME = { rows: 1 }

let discarded: JsonObject[]
let saved: JsonObject[]
let isShown: boolean

beforeEach(() => {
  discarded = []
  saved = []
  isShown = false
})

/** A kind of write, to a table of an embedded catalog or of one on another server. */
function kindOf(
  change: Partial<TableWriteKind<SnapshotJournal>> = {},
  catalogKind: CatalogClient['kind'] = 'embedded',
) {
  const open = async (): Promise<CatalogClient> => {
    const catalog = await openTestCatalog(home.services)
    return {
      ...catalog,
      kind: catalogKind,
      loadTable: async () => {
        if (isShown) return {} as Awaited<ReturnType<CatalogClient['loadTable']>>
        throw new AppError('not-found', 'There is no table.')
      },
    }
  }
  const services = { ...home.services, catalogs: Object.assign(Object.create(home.services.catalogs), { open }) }
  return tableWriteRuns<SnapshotJournal>(services, {
    maxConcurrent: 1,
    retryOn: [],
    firstPhase: 'reading',
    keepsFiles: false,
    needs: ({ table }) => [{ permission: 'table:write', resource: table }],
    parseJournal: (json) => snapshotJournalSchema.parse(json),
    produce: async () => OUTCOME,
    isCommitted: () => isShown,
    parseOutcome: (json) => json,
    unknownError: (journal) => unknownSnapshotError(journal, 'Look.'),
    discard: async (_catalog, _run, journal) => void discarded.push(structuredClone(journal)),
    ...change,
  })
}

async function queued(journal: Partial<SnapshotJournal> | null = null): Promise<Run> {
  const table = { catalog: home.config.catalogName, namespace: ['ns'], table: 't' }
  const id = await queueRun(home.database, { kind: KIND, title: 'Write', spec: {}, actor: COMMAND_LINE, table })
  const run = await readRun(home.database, id)
  if (!run) throw new Error('the run is gone')
  return { ...run, journal: journal && { ...emptySnapshotJournal(), snapshotId: '7', outcome: OUTCOME, ...journal } }
}

const context = () =>
  runContext(new AbortController().signal, {
    saveJournal: async (journal) => void saved.push(structuredClone(journal)),
  })

/** Puts one file into the table's folder, and then fails. */
const failAfterWriting = (error: Error, change: Partial<SnapshotJournal> = {}) =>
  async function produce(write: TableWrite<SnapshotJournal>): Promise<JsonObject> {
    write.begin({ ...emptySnapshotJournal(), snapshotId: '7', locations: ['a'], outcome: OUTCOME, ...change })
    await write.save()
    throw error
  }

const refused = new AppError('commit-conflict', 'Another commit was first.')
const lost = new AppError('commit-state-unknown', 'No answer.')

describe('A table write that fails', () => {
  it('removes what its journal names, and no longer says that a commit may have been sent', async () => {
    const kind = kindOf({ produce: failAfterWriting(refused, { mayBeSent: true }) })
    await expect(kind.work(await queued(), context())).rejects.toBe(refused)
    expect(discarded).toMatchObject([{ locations: ['a'] }])
    expect(saved.at(-1)).toMatchObject({ locations: ['a'], mayBeSent: false, outcome: null })
  })

  it('removes nothing when the outcome is unknown', async () => {
    const kind = kindOf({ produce: failAfterWriting(lost, { mayBeSent: true }) })
    await expect(kind.work(await queued(), context())).rejects.toBe(lost)
    expect(discarded).toEqual([])
    expect(saved.at(-1)).toMatchObject({ mayBeSent: true })
  })

  it('removes nothing when it has written nothing', async () => {
    const produce = async (write: TableWrite<SnapshotJournal>): Promise<JsonObject> => {
      write.begin(emptySnapshotJournal())
      throw refused
    }
    await expect(kindOf({ produce }).work(await queued(), context())).rejects.toBe(refused)
    expect([discarded, saved]).toEqual([[], []])
  })

  it('keeps its files for the next attempt if its kind does, until it is given up', async () => {
    const kind = kindOf({ keepsFiles: true, produce: failAfterWriting(refused) })
    await expect(kind.work(await queued(), context())).rejects.toBe(refused)
    const run = await queued({ locations: ['a'] })
    expect(await kind.settle(run)).toBeNull()
    expect(discarded).toEqual([])
    await kind.discard?.(run)
    expect(discarded).toMatchObject([{ locations: ['a'] }])
  })

  it('leaves no staging folder', async () => {
    let folder = ''
    const produce = (write: TableWrite<SnapshotJournal>) =>
      write.inStagingFolder(async (created) => {
        folder = created
        expect(existsSync(folder)).toBe(true)
        throw refused
      })
    await expect(kindOf({ produce }).work(await queued(), context())).rejects.toBe(refused)
    expect(existsSync(folder)).toBe(false)
  })
})

describe('A table write that did not finish', () => {
  it('has succeeded if the table shows its commit, and keeps its files', async () => {
    isShown = true
    const run = await queued({ locations: ['a'], mayBeSent: true })
    const staging = path.join(home.config.homeDir, 'staging', `${run.id}-1`)
    mkdirSync(staging, { recursive: true })
    expect(await kindOf({}, 'rest').settle(run)).toEqual(OUTCOME)
    expect(discarded).toEqual([])
    expect(existsSync(staging)).toBe(false)
  })

  it('is unknown while another server may still have its commit, and keeps its files', async () => {
    const run = await queued({ locations: ['a'], mayBeSent: true })
    await expect(kindOf({}, 'rest').settle(run)).rejects.toMatchObject({ code: 'commit-state-unknown' })
    await kindOf({ keepsFiles: true }, 'rest').discard?.(run)
    expect(discarded).toEqual([])
  })

  it.each([
    ['nothing was sent to another server', 'rest', false],
    ['the embedded catalog does not show it', 'embedded', true],
  ] as const)('is removed when %s', async (_, catalogKind, mayBeSent) => {
    expect(await kindOf({}, catalogKind).settle(await queued({ locations: ['a'], mayBeSent }))).toBeNull()
    expect(discarded).toMatchObject([{ locations: ['a'] }])
  })

  it('that is given up keeps its files if the table shows its commit', async () => {
    isShown = true
    await kindOf({ keepsFiles: true }).discard?.(await queued({ locations: ['a'] }))
    expect(discarded).toEqual([])
  })
})
