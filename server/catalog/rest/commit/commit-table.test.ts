import { createTestOutbox } from '@/testing/catalogs/test-outbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appendMetadataLog, applyUpdates } from '@/lib/iceberg/commit/apply-updates'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { tableMetadataToJson } from '@/lib/iceberg/metadata/metadata-json'
import { sampleMetadata, sampleSnapshot, SAMPLE_SNAPSHOT_IDS } from '@/testing/iceberg/sample-metadata'
import { tableChangeFromJson } from '@/lib/iceberg/commit/table-change-from-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { TableChange, TableUpdate } from '@/lib/iceberg/commit/table-update'
import { checkRequirements } from '@/lib/iceberg/commit/check-requirements'
import {
  errorReply,
  type Reply,
  type ReceivedRequest,
  createTestRestCatalog,
  RestCatalogStandIn,
} from '@/testing/catalogs/rest-catalog-stand-in'
import { changeSql } from '@/testing/databases/change-sql'
import { rawChange } from '@/testing/databases/test-sql'
import type { CommittedTable } from '@/server/catalog/port/catalog-write'

/** One table in a catalog that follows the specification. */
class FakeTable {
  metadata: TableMetadata | null
  version = 1

  constructor(metadata: TableMetadata | null = sampleMetadata()) {
    this.metadata = metadata
  }

  get location(): string {
    return `s3://lake/t/metadata/${this.version}.json`
  }

  commit({ requirements, updates }: TableChange): void {
    checkRequirements(this.metadata, requirements)
    const base = this.metadata ?? sampleMetadata({ metadataLog: [], tableUuid: uuidIn(updates) ?? 'u' })
    const previous = { metadataFile: this.location, timestampMs: base.lastUpdatedMs }
    const uuidless = updates.filter(({ action }) => action !== 'assign-uuid')
    this.metadata = appendMetadataLog(applyUpdates(base, uuidless, { nowMs: base.lastUpdatedMs + 1 }), previous)
    this.version += 1
  }

  reply(): Reply {
    if (this.metadata === null) return errorReply(404, 'NoSuchTableException')
    const json = { 'metadata-location': this.location, metadata: tableMetadataToJson(this.metadata), config: {} }
    return { body: stringifyExactJson(json) }
  }
}

const TABLE = '/v1/namespaces/demo/tables/t'
const IDENTIFIER: TableIdentifier = { catalog: 'remote', namespace: ['demo'], table: 't' }
const owner = (name: string): TableChange => ({
  requirements: [],
  updates: [{ action: 'set-properties', updates: { owner: name } }],
})
const NEW_ID = '8158179788527662768'
const appendChange = (snapshot: { snapshotId: string; sequenceNumber: number }, refName: string): TableChange => ({
  requirements: [{ type: 'assert-ref-snapshot-id', ref: 'main', snapshotId: SAMPLE_SNAPSHOT_IDS[3] }],
  updates: [
    { action: 'add-snapshot', snapshot: sampleSnapshot(3, { parentSnapshotId: SAMPLE_SNAPSHOT_IDS[3], ...snapshot }) },
    { action: 'set-snapshot-ref', refName, type: 'branch', snapshotId: snapshot.snapshotId },
  ],
})
const append = appendChange({ snapshotId: NEW_ID, sequenceNumber: 5 }, 'main')

let catalog: RestCatalogStandIn
let table: FakeTable

beforeEach(async () => {
  catalog = await RestCatalogStandIn.start()
  table = new FakeTable()
  catalog.on(`GET ${TABLE}`, () => table.reply()).on(`POST ${TABLE}`, commits)
})
afterEach(() => catalog.stop())

function commits({ body }: ReceivedRequest): Reply {
  try {
    table.commit(tableChangeFromJson(parseExactJson(body)))
    return table.reply()
  } catch (error) {
    return errorReply(409, 'CommitFailedException', (error as Error).message)
  }
}

const postedRequests = () => catalog.received.filter(({ method }) => method === 'POST')
const requirementsOf = (seen: ReceivedRequest | undefined) =>
  (JSON.parse(seen?.body ?? '{}') as { requirements: { type: string }[] }).requirements.map(({ type }) => type)

describe('A commit', () => {
  it('is built on the current table, sent with the table’s uuid, and returns the catalog’s result', async () => {
    const seen: CommittedTable[] = []
    const after = await createTestRestCatalog(catalog.uri).write(
      {
        kind: 'commit-table',
        table: IDENTIFIER,
        change: ({ metadata }) => owner(`${metadata.properties['owner']} II`),
      },
      {
        alongside: (committed) => {
          seen.push(committed)
          return []
        },
      },
    )
    expect(after.metadata.properties['owner']).toBe('ada II')
    expect(after.metadataLocation).toBe('s3://lake/t/metadata/2.json')
    expect(requirementsOf(postedRequests()[0])).toEqual(['assert-table-uuid'])
    expect(seen).toEqual([
      { before: expect.objectContaining({ metadataLocation: 's3://lake/t/metadata/1.json' }), after },
    ])
  })

  it('of a snapshot keeps its exact id in both directions', async () => {
    const after = await createTestRestCatalog(catalog.uri).write({
      kind: 'commit-table',
      table: IDENTIFIER,
      change: append,
    })
    expect(postedRequests()[0]?.body).toContain(`"snapshot-id":${NEW_ID}`)
    expect(after.metadata.currentSnapshotId).toBe(NEW_ID)
  })

  it('that changes nothing is not sent', async () => {
    const remote = createTestRestCatalog(catalog.uri)
    expect(
      (await remote.write({ kind: 'commit-table', table: IDENTIFIER, change: owner('ada') })).metadataLocation,
    ).toBe('s3://lake/t/metadata/1.json')
    await remote.write({ kind: 'commit-table', table: IDENTIFIER, change: { requirements: [], updates: [] } })
    expect(postedRequests()).toEqual([])
  })

  it('whose own requirement does not hold is not sent', async () => {
    const change = {
      ...owner('bob'),
      requirements: [{ type: 'assert-current-schema-id', currentSchemaId: 7 }] as const,
    }
    await expect(
      createTestRestCatalog(catalog.uri).write({ kind: 'commit-table', table: IDENTIFIER, change }),
    ).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    expect(postedRequests()).toEqual([])
  })

  it('that lost to another commit is rebuilt on top of it', async () => {
    const conflictReply: Reply = errorReply(409, 'CommitFailedException', 'another user was first')
    catalog.on(`POST ${TABLE}`, [
      () => {
        table.commit(owner('bob'))
        return conflictReply
      },
      commits,
    ])
    const after = await createTestRestCatalog(catalog.uri).write({
      kind: 'commit-table',
      table: IDENTIFIER,
      change: ({ metadata }) => owner(`${metadata.properties['owner']} II`),
    })
    expect(after.metadata.properties['owner']).toBe('bob II')
    expect(after.metadata.metadataLog).toHaveLength(2)
  })

  it('whose sequence numbers a commit to another branch took is rebuilt, even when the catalog reports a bad request', async () => {
    const replyAsBadRequest = (seen: ReceivedRequest): Reply => {
      const { status } = commits(seen)
      return status === 409 ? errorReply(400, 'ValidationException', 'older than last sequence number') : table.reply()
    }
    catalog.on(`POST ${TABLE}`, (seen) => {
      if (postedRequests().length === 1) table.commit(appendChange({ snapshotId: '77', sequenceNumber: 5 }, 'audit'))
      return replyAsBadRequest(seen)
    })
    const after = await createTestRestCatalog(catalog.uri).write({
      kind: 'commit-table',
      table: IDENTIFIER,
      change: ({ metadata }) =>
        appendChange({ snapshotId: NEW_ID, sequenceNumber: metadata.lastSequenceNumber + 1 }, 'main'),
    })
    expect(after.metadata.snapshots.slice(-2)).toMatchObject([
      { snapshotId: '77', sequenceNumber: 5 },
      { snapshotId: NEW_ID, sequenceNumber: 6 },
    ])
    expect(postedRequests()).toHaveLength(2)
  })

  it('that is a bad request is not retried', async () => {
    catalog.on(`POST ${TABLE}`, errorReply(400, 'ValidationException', 'no'))
    await expect(
      createTestRestCatalog(catalog.uri).write({ kind: 'commit-table', table: IDENTIFIER, change: append }),
    ).rejects.toMatchObject({
      code: 'invalid-request',
    })
    expect(postedRequests()).toHaveLength(1)
  })

  it('whose requirement another commit broke fails and is not retried', async () => {
    catalog.on(`POST ${TABLE}`, () => {
      table.commit({
        requirements: [],
        updates: [{ action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: SAMPLE_SNAPSHOT_IDS[0] }],
      })
      return errorReply(409, 'CommitFailedException')
    })
    await expect(
      createTestRestCatalog(catalog.uri).write({ kind: 'commit-table', table: IDENTIFIER, change: append }),
    ).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { requirement: 'assert-ref-snapshot-id of main' },
    })
    expect(postedRequests()).toHaveLength(1)
  })

  it('that a proxy sent twice, and that was refused the second time, counts as committed', async () => {
    catalog.on(`POST ${TABLE}`, (seen) => {
      commits(seen)
      return commits(seen)
    })
    const baseLocations: unknown[] = []
    const alongside = ({ before }: CommittedTable) => {
      baseLocations.push(before?.metadataLocation)
      return []
    }
    expect(
      (
        await createTestRestCatalog(catalog.uri).write(
          { kind: 'commit-table', table: IDENTIFIER, change: append },
          { alongside },
        )
      ).metadataLocation,
    ).toMatch('2.json')
    expect(baseLocations).toEqual(['s3://lake/t/metadata/1.json'])
    expect(postedRequests()).toHaveLength(1)
  })

  it('that arrived twice and may not be retried counts as committed too', async () => {
    table.metadata = sampleMetadata({ properties: { 'commit.retry.num-retries': '0' } })
    catalog.on(`POST ${TABLE}`, (seen) => {
      commits(seen)
      return commits(seen)
    })
    const after = await createTestRestCatalog(catalog.uri).write({
      kind: 'commit-table',
      table: IDENTIFIER,
      change: append,
    })
    expect(after.metadata.currentSnapshotId).toBe(NEW_ID)
  })

  it('that creates a table with rows and arrived twice counts as committed too', async () => {
    table = new FakeTable(null)
    const create: TableChange = {
      requirements: [{ type: 'assert-create' }],
      updates: [{ action: 'assign-uuid', uuid: 'new' }, ...append.updates],
    }
    catalog.on(`POST ${TABLE}`, (seen) => {
      commits(seen)
      return commits(seen)
    })
    const after = await createTestRestCatalog(catalog.uri).write({
      kind: 'commit-table',
      table: IDENTIFIER,
      change: create,
    })
    expect(after.metadata.currentSnapshotId).toBe(NEW_ID)
    expect(postedRequests()).toHaveLength(1)
    const other = createTestRestCatalog(catalog.uri).write({
      kind: 'commit-table',
      table: IDENTIFIER,
      change: {
        ...create,
        updates: [
          { action: 'assign-uuid', uuid: 'another' },
          ...appendChange({ snapshotId: '77', sequenceNumber: 6 }, 'main').updates,
        ],
      },
    })
    await expect(other).rejects.toMatchObject({ code: 'commit-conflict' })
  })

  it.each([
    [undefined, 5],
    ['2', 3],
    ['0', 1],
    ['1000', 21],
    ['often', 5],
  ])('that always loses, with %s retries in the table’s properties, is sent %i times', async (retries, times) => {
    table.metadata = sampleMetadata({
      properties: retries === undefined ? {} : { 'commit.retry.num-retries': retries },
    })
    catalog.on(`POST ${TABLE}`, errorReply(409, 'CommitFailedException'))
    await expect(
      createTestRestCatalog(catalog.uri).write({ kind: 'commit-table', table: IDENTIFIER, change: owner('bob') }),
    ).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    expect(postedRequests()).toHaveLength(times)
  })

  it('that creates the table is sent unchanged; an existing table is a conflict', async () => {
    table = new FakeTable(null)
    const create: TableChange = {
      requirements: [{ type: 'assert-create' }],
      updates: [{ action: 'assign-uuid', uuid: 'new' }, ...owner('eve').updates],
    }
    const remote = createTestRestCatalog(catalog.uri)
    const alongside = ({ before }: CommittedTable) => [rawChange(before === null ? 'created' : 'changed')]
    expect(
      (await remote.write({ kind: 'commit-table', table: IDENTIFIER, change: create }, { alongside })).metadata
        .properties['owner'],
    ).toBe('eve')
    expect(requirementsOf(postedRequests()[0])).toEqual(['assert-create'])
    await expect(remote.write({ kind: 'commit-table', table: IDENTIFIER, change: create })).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    expect(postedRequests()).toHaveLength(2)
  })

  it('to a table that is gone or in another catalog is not found', async () => {
    table = new FakeTable(null)
    const remote = createTestRestCatalog(catalog.uri)
    await expect(remote.write({ kind: 'commit-table', table: IDENTIFIER, change: owner('x') })).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(
      remote.write({ kind: 'commit-table', table: { ...IDENTIFIER, catalog: 'x' }, change: owner('x') }),
    ).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('writes its rows alongside after the acknowledgement, and succeeds even when that fails', async () => {
    const writtenChanges: string[][] = []
    const outbox = createTestOutbox((changes) => {
      writtenChanges.push(changes.map(changeSql))
      throw new Error('the disk is full')
    })
    const remote = createTestRestCatalog(catalog.uri, { outbox })
    const alongside = ({ after }: CommittedTable) => [rawChange(after.metadataLocation)]
    await remote.write({ kind: 'commit-table', table: IDENTIFIER, change: owner('bob') }, { alongside })
    expect(writtenChanges).toEqual([['s3://lake/t/metadata/2.json']])
    catalog.on(`POST ${TABLE}`, errorReply(403, 'ForbiddenException'))
    await expect(
      remote.write({ kind: 'commit-table', table: IDENTIFIER, change: owner('eve') }, { alongside }),
    ).rejects.toMatchObject({
      code: 'forbidden',
    })
    expect(writtenChanges).toHaveLength(1)
  })
})

describe('A commit whose response is lost', () => {
  const lostResponses: readonly [string, Reply][] = [
    ['500', errorReply(500, 'CommitStateUnknownException')],
    ['502', { status: 502, body: '<html>' }],
    ['503', { ...errorReply(503, 'SlowDownException'), headers: { 'retry-after': '1' } }],
    ['504', { status: 504 }],
    ['a closed socket', { cut: 'before' }],
    ['half a response', { body: '{"metadata-location": "s3://x"}', cut: 'midway' }],
    ['a malformed response', { body: '{"ok": true}' }],
  ]

  it.each(lostResponses)('by %s, but that succeeded, is found by its snapshot', async (_name, reply) => {
    catalog.on(`POST ${TABLE}`, (seen) => {
      commits(seen)
      // Another writer commits on top of it before the outcome is looked up.
      table.commit(owner('bob'))
      return reply
    })
    const seen: CommittedTable[] = []
    const alongside = (committed: CommittedTable) => {
      seen.push(committed)
      return []
    }
    const after = await createTestRestCatalog(catalog.uri).write(
      { kind: 'commit-table', table: IDENTIFIER, change: append },
      { alongside },
    )
    expect(after.metadata.snapshots.map(({ snapshotId }) => snapshotId)).toContain(NEW_ID)
    expect(seen).toHaveLength(1)
    expect(postedRequests()).toHaveLength(1)
  })

  it.each(lostResponses)(
    'by %s, and that did not succeed, stays unknown: nothing is retried or removed',
    async (_name, reply) => {
      catalog.on(`POST ${TABLE}`, reply)
      await expect(
        createTestRestCatalog(catalog.uri).write({ kind: 'commit-table', table: IDENTIFIER, change: append }),
      ).rejects.toMatchObject({
        code: 'commit-state-unknown',
        facts: { metadataLocation: 's3://lake/t/metadata/1.json' },
      })
      expect(catalog.routes().filter((route) => !route.startsWith('GET'))).toEqual([`POST ${TABLE}`])
    },
  )

  it('without a snapshot is found by its result and the version it replaced', async () => {
    catalog.on(`POST ${TABLE}`, (seen) => {
      commits(seen)
      return { status: 504 }
    })
    const after = await createTestRestCatalog(catalog.uri).write({
      kind: 'commit-table',
      table: IDENTIFIER,
      change: owner('bob'),
    })
    expect(after.metadata.properties['owner']).toBe('bob')
  })

  it('does not count as committed when a different table of the same name looks the same', async () => {
    catalog.on(`POST ${TABLE}`, () => {
      table = new FakeTable(sampleMetadata({ tableUuid: 'another', properties: { owner: 'bob' } }))
      table.version = 9
      return { status: 504 }
    })
    await expect(
      createTestRestCatalog(catalog.uri).write({ kind: 'commit-table', table: IDENTIFIER, change: owner('bob') }),
    ).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
  })

  it('and that another writer overwrote stays unknown', async () => {
    catalog.on(`POST ${TABLE}`, (seen) => {
      commits(seen)
      table.commit(owner('eve'))
      return { status: 504 }
    })
    await expect(
      createTestRestCatalog(catalog.uri).write({ kind: 'commit-table', table: IDENTIFIER, change: owner('bob') }),
    ).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
  })

  it('is looked up again when it shows only later, or when the catalog fails at first', async () => {
    const pausesMs: number[] = []
    catalog.on(`POST ${TABLE}`, (seen) => {
      catalog.on(`GET ${TABLE}`, [
        errorReply(404, 'NoSuchTableException'),
        table.reply(),
        () => {
          commits(seen)
          return table.reply()
        },
      ])
      return { status: 504 }
    })
    const remote = createTestRestCatalog(catalog.uri, { pause: async (ms) => void pausesMs.push(ms) })
    expect(
      (await remote.write({ kind: 'commit-table', table: IDENTIFIER, change: append })).metadata.currentSnapshotId,
    ).toBe(NEW_ID)
    expect(pausesMs).toEqual([0, 1_000, 4_000])
  })

  it('and that creates a table is found by the table’s uuid', async () => {
    table = new FakeTable(null)
    catalog.on(`POST ${TABLE}`, (seen) => {
      commits(seen)
      return { status: 504 }
    })
    const create: TableChange = {
      requirements: [{ type: 'assert-create' }],
      updates: [{ action: 'assign-uuid', uuid: 'new' }],
    }
    expect(
      (await createTestRestCatalog(catalog.uri).write({ kind: 'commit-table', table: IDENTIFIER, change: create }))
        .metadata.tableUuid,
    ).toBe('new')
  })
})

describe('A commit over several tables', () => {
  const OTHER: TableIdentifier = { ...IDENTIFIER, table: 'u' }
  const TRANSACTION = 'POST /v1/transactions/commit'
  const both = [
    { identifier: IDENTIFIER, change: owner('bob') },
    { identifier: OTHER, change: owner('bob') },
  ]
  let other: FakeTable

  beforeEach(() => {
    other = new FakeTable(sampleMetadata({ tableUuid: 'other' }))
    catalog
      .on('GET /v1/namespaces/demo/tables/u', () => other.reply())
      .on(TRANSACTION, () => {
        table.commit(owner('bob'))
        other.commit(owner('bob'))
        return { status: 204 }
      })
  })

  it('is one request that names each table, and returns the new versions', async () => {
    const writtenChanges: string[] = []
    const remote = createTestRestCatalog(catalog.uri, {
      outbox: createTestOutbox((changes) => writtenChanges.push(...changes.map(changeSql))),
    })
    const alongside = (tables: readonly CommittedTable[]) =>
      tables.map(({ after }) => rawChange(after.identifier.table))
    const after = await remote.write({ kind: 'commit-tables', commits: both }, { alongside })
    expect(after.map(({ metadata }) => metadata.properties['owner'])).toEqual(['bob', 'bob'])
    expect(writtenChanges).toEqual(['t', 'u'])
    const { 'table-changes': changes } = JSON.parse(postedRequests()[0]?.body ?? '') as { 'table-changes': unknown[] }
    expect(changes).toEqual([
      expect.objectContaining({ identifier: { namespace: ['demo'], name: 't' } }),
      {
        identifier: { namespace: ['demo'], name: 'u' },
        requirements: [{ type: 'assert-table-uuid', uuid: 'other' }],
        updates: [{ action: 'set-properties', updates: { owner: 'bob' } }],
      },
    ])
  })

  it('cannot name a table twice', async () => {
    const duplicateCommit = createTestRestCatalog(catalog.uri).write({
      kind: 'commit-tables',
      commits: [both[0]!, both[0]!],
    })
    await expect(duplicateCommit).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it('is retried on top of other commits, and looked up when its response is lost', async () => {
    catalog.on(TRANSACTION, [
      errorReply(409, 'CommitFailedException'),
      () => {
        table.commit(owner('bob'))
        other.commit(owner('bob'))
        return { cut: 'before' }
      },
    ])
    expect(await createTestRestCatalog(catalog.uri).write({ kind: 'commit-tables', commits: both })).toHaveLength(2)
    expect(postedRequests()).toHaveLength(2)
  })

  describe('with a snapshot, that a proxy sent twice and that was refused the second time', () => {
    const appends = [
      { identifier: IDENTIFIER, change: append },
      { identifier: OTHER, change: owner('bob') },
    ]

    it.each([undefined, '0'])('counts as committed, with %s retries', async (retries) => {
      const properties = retries === undefined ? {} : { 'commit.retry.num-retries': retries }
      table.metadata = sampleMetadata({ properties })
      catalog.on(TRANSACTION, () => {
        table.commit(append)
        other.commit(owner('bob'))
        other.commit(owner('eve'))
        return errorReply(409, 'CommitFailedException')
      })
      const baseLocations: unknown[] = []
      const alongside = (tables: readonly CommittedTable[]) => {
        baseLocations.push(...tables.map(({ before }) => before?.metadataLocation))
        return []
      }
      const after = await createTestRestCatalog(catalog.uri).write(
        { kind: 'commit-tables', commits: appends },
        { alongside },
      )
      expect(after.map(({ metadata }) => metadata.currentSnapshotId)).toEqual([NEW_ID, SAMPLE_SNAPSHOT_IDS[3]])
      expect(postedRequests()).toHaveLength(1)
      expect(baseLocations).toEqual(['s3://lake/t/metadata/1.json', 's3://lake/t/metadata/1.json'])
    })

    it('is unknown when only one of two tables shows its snapshot', async () => {
      catalog.on(TRANSACTION, () => {
        table.commit(append)
        return errorReply(409, 'CommitFailedException')
      })
      const commit = createTestRestCatalog(catalog.uri).write({
        kind: 'commit-tables',
        commits: [appends[0]!, { identifier: OTHER, change: append }],
      })
      await expect(commit).rejects.toMatchObject({ code: 'commit-state-unknown' })
    })
  })

  it('that only one of the tables shows stays unknown', async () => {
    catalog.on(TRANSACTION, () => {
      table.commit(owner('bob'))
      return { cut: 'before' }
    })
    await expect(
      createTestRestCatalog(catalog.uri).write({ kind: 'commit-tables', commits: both }),
    ).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
  })
})

function uuidIn(updates: readonly TableUpdate[]): string | undefined {
  return updates.flatMap((update) => (update.action === 'assign-uuid' ? [update.uuid] : []))[0]
}
