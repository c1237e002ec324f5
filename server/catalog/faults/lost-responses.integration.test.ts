import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type Fault, startRestListener, type RestListener } from '@/testing/catalogs/rest-listener'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog, findStrayFiles, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { restSettings, createTestRestCatalog } from '@/testing/catalogs/rest-catalog-stand-in'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { appendFiles } from '@/server/table/commit/append-files'
import { newSnapshotId } from '@/server/table/commit/run-operation'
import type { CatalogClient } from '../port/catalog-client'

const home = createTestHome()

/** Tests our REST client against our own REST catalog, over a socket and a proxy that fails. */
let listener: RestListener
let token: string
let remote: CatalogClient
let tables = 0
let table: string
const localIdentifier = () => ({ catalog: 'local', namespace: ['demo'], table })
const remoteIdentifier = () => ({ catalog: 'remote', namespace: ['demo'], table })

beforeAll(async () => {
  token = await createRestTokenAs(home.services, 'editor')
  listener = await startRestListener(home.services)
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
afterAll(() => listener.stop())
beforeEach(async () => {
  tables += 1
  table = `t${tables}`
  await (await openTestCatalog(home.services)).write({
    kind: 'create-table',
    table: localIdentifier(),
    schema: ONE_COLUMN_SCHEMA,
  })
  await appendTenRows(home.services, localIdentifier())
  listener.faultFor = () => null
  listener.supportsIdempotencyKeys = true
  remote = createTestRestCatalog(listener.uri, {
    settings: restSettings(listener.uri, { warehouse: 'local', auth: { kind: 'bearer', token } }),
    storeForAll: () => home.services.stores.catalogStore('local'),
  })
})

/** Applies these faults to the first commits, one after another; later commits pass. */
function injectCommitFaults(...faults: (Fault | (() => Promise<Fault | null>))[]): { count: () => number } {
  let count = 0
  listener.faultFor = async ({ method, url }) => {
    if (method !== 'POST' || !url.endsWith(`/tables/${table}`)) return null
    const fault = faults[count] ?? null
    count += 1
    return typeof fault === 'function' ? fault() : fault
  }
  return { count: () => count }
}

async function append(snapshotId = newSnapshotId()) {
  const store = home.services.stores.catalogStore('local')
  const { metadata } = await remote.loadTable(remoteIdentifier())
  const filePath = `${metadata.location}/data/${snapshotId}.parquet`
  await store.writeNew(filePath, new Uint8Array(100))
  const files = [sampleDataFile(filePath)]
  const signal = new AbortController().signal
  return appendFiles(home.services.log, {
    catalog: remote,
    store,
    identifier: remoteIdentifier(),
    snapshotId,
    files,
    specId: 0,
    schemaId: 0,
    actor: TEST_ACTOR,
    signal,
  })
}

const FAULTY_RESPONSES: Fault['answer'][] = ['cut', 500, 502, 503, 504]

describe('An append to a remote catalog without idempotency keys, whose response is lost', () => {
  beforeEach(() => {
    listener.supportsIdempotencyKeys = false
  })

  it.each(FAULTY_RESPONSES)(
    'by %s after the commit is found by its snapshot, once, with all its files (commit-safety 5, 6)',
    async (answer) => {
      const commits = injectCommitFaults({ when: 'after', answer })
      const snapshotId = newSnapshotId()
      expect((await append(snapshotId)).snapshotId).toBe(snapshotId)
      expect(commits.count()).toBe(1)
      const { log, rows } = await verifyTable(home.services, localIdentifier())
      expect(rows).toBe(20)
      expect(log.filter((id) => id === snapshotId)).toHaveLength(1)
      expect(await findStrayFiles(home.services)).toEqual([])
    },
  )

  it.each(FAULTY_RESPONSES)(
    'by %s before the commit stays unknown, and no file is removed because it may still arrive (commit-safety 5, 6)',
    async (answer) => {
      const commits = injectCommitFaults({ when: 'before', answer })
      await expect(append()).rejects.toMatchObject({ code: 'commit-state-unknown' })
      expect(commits.count()).toBe(1)
      expect((await verifyTable(home.services, localIdentifier())).rows).toBe(10)
      // Its data file, manifest and manifest list still exist at the locations in the request.
      const leftFiles = (await findStrayFiles(home.services)).filter((file) => file.includes(`/demo/${table}/`))
      expect(leftFiles.map((file) => /[^.]*$/.exec(file)?.[0] ?? '').sort()).toEqual(['avro', 'avro', 'parquet'])
    },
  )

  it('and that arrives long after other commits is refused as a whole (commit-safety 5, 7)', async () => {
    const requests: Request[] = []
    listener.faultFor = (request) => {
      if (request.method !== 'POST' || requests.length > 0) return null
      requests.push(request)
      return { when: 'before', answer: 504 }
    }
    await expect(append()).rejects.toMatchObject({ code: 'commit-state-unknown' })
    await appendTenRows(home.services, localIdentifier())
    const delayed = requests[0]
    const reply =
      delayed && (await fetch(delayed.url, { method: 'POST', headers: delayed.headers, body: await delayed.text() }))
    expect(reply?.status).toBe(409)
    expect((await verifyTable(home.services, localIdentifier())).rows).toBe(20)
  })
})

describe('An append to a remote catalog that supports Idempotency-Key, whose response is lost', () => {
  /** The keys of the received commits, in order. */
  function captureKeys(commitFaults: () => ReturnType<RestListener['faultFor']>): (string | null)[] {
    const keys: (string | null)[] = []
    listener.faultFor = ({ method, url, headers }) => {
      if (method !== 'POST' || !url.endsWith(`/tables/${table}`)) return null
      keys.push(headers.get('idempotency-key'))
      return commitFaults()
    }
    return keys
  }

  it.each(['before', 'after'] as const)(
    'four times in different ways, each %s the commit, is done once and reported the fifth time (commit-safety 4, 26)',
    async (when) => {
      const faults: Fault[] = (['cut', 500, 502, 504] as const).map((answer) => ({ when, answer }))
      const keys = captureKeys(() => faults.shift() ?? null)
      const { snapshotId } = await append()
      expect(keys).toEqual(Array.from({ length: 5 }, () => keys[0]))
      expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      const { log, rows } = await verifyTable(home.services, localIdentifier())
      expect(rows).toBe(20)
      expect(log.filter((id) => id === snapshotId)).toHaveLength(1)
    },
  )

  it('every time before the commit stays unknown, and no file is removed (commit-safety 5, 6)', async () => {
    const keys = captureKeys(() => ({ when: 'before', answer: 503 }))
    const before = (await findStrayFiles(home.services)).length
    await expect(append()).rejects.toMatchObject({ code: 'commit-state-unknown' })
    expect(keys).toHaveLength(5)
    expect((await findStrayFiles(home.services)).length).toBe(before + 3)
    expect((await verifyTable(home.services, localIdentifier())).rows).toBe(10)
  })

  it('and that lost to other commits becomes a new request with a new key (commit-safety 7, 26)', async () => {
    const faults: (() => Promise<Fault | null>)[] = [
      async () => {
        await appendTenRows(home.services, localIdentifier())
        return { when: 'before', answer: 504 }
      },
    ]
    const keys = captureKeys(() => faults.shift()?.() ?? null)
    const { snapshotId } = await append()
    expect(keys).toEqual([keys[0], keys[0], expect.any(String)])
    expect(keys[2]).not.toBe(keys[0])
    const { log, rows } = await verifyTable(home.services, localIdentifier())
    expect(rows).toBe(30)
    expect(log.at(-1)).toBe(snapshotId)
  })
})

describe('An append to a remote catalog that loses to other commits', () => {
  it('is rebuilt on their snapshot, keeps their rows, and leaves only its last manifest list (commit-safety 7)', async () => {
    const appendFirst = async () => {
      await appendTenRows(home.services, localIdentifier())
      return null
    }
    const commits = injectCommitFaults(appendFirst, { when: 'before', answer: 409 }, appendFirst)
    const before = (await findStrayFiles(home.services)).length
    const { snapshotId } = await append()
    expect(commits.count()).toBe(4)
    const { log, rows, sequenceNumbers, metadata } = await verifyTable(home.services, localIdentifier())
    expect(rows).toBe(40)
    expect(log.at(-1)).toBe(snapshotId)
    expect(sequenceNumbers).toEqual([1, 2, 3, 4])
    expect(metadata.snapshots.at(-1)?.summary['total-records']).toBe('40')
    expect((await findStrayFiles(home.services)).length).toBe(before)
  })

  it('every time gives up after the retries that the table allows, and removes its files (commit-safety 7)', async () => {
    const conflictFault: Fault = { when: 'before', answer: 409 }
    const commits = injectCommitFaults(...Array.from({ length: 10 }, () => conflictFault))
    const before = (await findStrayFiles(home.services)).length
    await expect(append()).rejects.toMatchObject({ code: 'commit-conflict' })
    expect(commits.count()).toBe(5)
    expect((await verifyTable(home.services, localIdentifier())).rows).toBe(10)
    // The data file belongs to the caller.
    expect((await findStrayFiles(home.services)).length).toBe(before + 1)
  })
})
