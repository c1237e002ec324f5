import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { beforeWrites } from '@/testing/catalogs/before-writes'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { appendOperation } from '@/lib/iceberg/operations/append'
import { overwriteOperation } from '@/lib/iceberg/operations/overwrite'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { readHistory } from '@/server/table/history/read-history'
import { readLiveFiles } from '@/server/table/files/live-files'
import { publicationCandidates } from '@/lib/iceberg/operations/publication-candidates'
import { readPublications } from '@/server/table/publishing/publications'
import { snapshotPage } from '@/server/table/snapshot-page'
import { type PlanOperation, runOperation } from '@/server/table/commit/run-operation'
import { reviewCherryPick } from '@/testing/lifecycle/reviews'
import { commitCherryPick, undo } from '@/testing/lifecycle/actions'

const home = createTestHome()
const signal = new AbortController().signal
let catalog: CatalogClient
let identifier: TableIdentifier
let location: string
let tables = 0

beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
beforeEach(async () => {
  tables += 1
  identifier = { catalog: catalog.name, namespace: ['demo'], table: `picked${tables}` }
  const { metadata } = await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
  })
  location = metadata.location
})

const file = (name: string) => sampleDataFile(`${location}/data/${name}.parquet`)
const load = () => catalog.loadTable(identifier)
const run = async (plan: PlanOperation, branch: string) =>
  (
    await runOperation(
      home.services.log,
      { catalog, store: (await load()).store, identifier, branch, auditAction: 'test', actor: TEST_ACTOR, signal },
      plan,
    )
  ).snapshotId
const append = (name: string, { branch = 'main', summary = {} }: { branch?: string; summary?: object } = {}) =>
  run(async () => ({ operation: appendOperation([file(name)], { summary: { ...summary } }) }), branch)
const setRef = (refName: string, snapshotId: string) =>
  catalog.write({
    kind: 'commit-table',
    table: identifier,
    change: {
      requirements: [],
      updates: [{ action: 'set-snapshot-ref', refName, snapshotId, type: 'branch' }],
    },
  })
/** Commits to a branch that is then removed, as engines stage a commit under a WAP id. */
const stage = async (name: string, wapId: string, parentId: string) => {
  await setRef('staging', parentId)
  const staged = await append(name, { branch: 'staging', summary: { 'wap.id': wapId } })
  await catalog.write({
    kind: 'commit-table',
    table: identifier,
    change: {
      requirements: [],
      updates: [{ action: 'remove-snapshot-ref', refName: 'staging' }],
    },
  })
  return staged
}
const review = (snapshotId: string, branch?: string) =>
  reviewCherryPick(home.services, identifier, { snapshotId, branch }, { actor: TEST_ACTOR, signal })
const pick = (
  snapshotId: string,
  tipSnapshotId: string | null,
  { branch, idempotencyKey }: { branch?: string; idempotencyKey?: string } = {},
) =>
  commitCherryPick(
    home.services,
    identifier,
    { snapshotId, tipSnapshotId, branch },
    { idempotencyKey, actor: TEST_ACTOR, requestId: null, signal },
  )
const listMetadata = async () => (await readdir(fileURLToPath(`${location}/metadata`))).sort()
async function liveFiles(branch = 'main'): Promise<string[]> {
  const table = await load()
  const id = table.metadata.refs[branch]?.snapshotId
  const tip = table.metadata.snapshots.find(({ snapshotId }) => snapshotId === id) ?? null
  const files = await readLiveFiles(home.services.manifestCache, table, tip, { store: table.store })
  return files.map(({ dataFile }) => path.basename(dataFile.filePath, '.parquet')).sort()
}

describe('A cherry-pick', () => {
  it('of a child of the tip moves the branch to it, and can be undone', async () => {
    const first = await append('a')
    await setRef('audit', first)
    const staged = await append('b', { branch: 'audit' })
    const reviewed = await review(staged)
    const { recordCount, fileSizeBytes } = file('a')
    expect(reviewed).toMatchObject({
      kind: 'fast-forward',
      branch: 'main',
      tip: { snapshotId: first },
      rows: { now: recordCount, removed: 0, restored: recordCount, after: 2 * recordCount },
      dataFiles: { now: 1, removed: 0, restored: 1, after: 2 },
      bytes: { now: fileSizeBytes, after: 2 * fileSizeBytes },
      otherRefs: [{ name: 'audit', type: 'branch' }],
    })
    expect(JSON.parse(reviewed.request?.body ?? '')).toMatchObject({
      requirements: expect.arrayContaining([expect.objectContaining({ type: 'assert-ref-snapshot-id', ref: 'main' })]),
      updates: [{ action: 'set-snapshot-ref', 'ref-name': 'main' }],
    })
    const { auditId, snapshotId } = await pick(staged, first)
    expect(snapshotId).toBe(staged)
    expect(await liveFiles()).toEqual(['a', 'b'])
    await undo(home.services, identifier, auditId, {
      actor: TEST_ACTOR,
      signal,
      requestId: null,
      confirmedName: `demo.${identifier.table}`,
    })
    expect(await liveFiles()).toEqual(['a'])
  })

  it('of an append to another line makes its changes again, as one entry of the history', async () => {
    const first = await append('a')
    const staged = await stage('b', 'load-7', first)
    const second = await append('c')
    expect(await review(staged)).toMatchObject({
      kind: 'replay',
      request: null,
      wapId: 'load-7',
      tip: { snapshotId: second },
      dataFiles: { now: 2, removed: 0, restored: 1, after: 3 },
      scripts: { spark: { commitCount: 1 }, trino: { missingCount: 1 }, pyiceberg: { missingCount: 1 } },
    })
    const { snapshotId, table } = await pick(staged, second)
    expect(await liveFiles()).toEqual(['a', 'b', 'c'])
    const picked = table.metadata.snapshots.find((snapshot) => snapshot.snapshotId === snapshotId)
    expect(picked).toMatchObject({
      parentSnapshotId: second,
      summary: { operation: 'append', 'source-snapshot-id': staged, 'published-wap-id': 'load-7' },
    })
    const { entries } = await readHistory(home.services, table, null, { actor: TEST_ACTOR, catalog, signal })
    expect(entries.filter((entry) => entry.snapshotId === snapshotId)).toMatchObject([
      { action: 'cherry-pick', isUndoable: true },
    ])
    // Neither the snapshot nor another one with its WAP id can be picked again.
    await expect(review(staged)).rejects.toMatchObject({ code: 'commit-conflict' })
    await expect(pick(staged, snapshotId)).rejects.toMatchObject({ code: 'commit-conflict' })
    const again = await stage('d', 'load-7', second)
    await expect(pick(again, snapshotId)).rejects.toMatchObject({ code: 'commit-conflict' })
    const refusals = snapshotPage((await load()).metadata, 0).snapshots.map(
      (snapshot) => [snapshot.snapshotId, snapshot.cherryPickRefusal] as const,
    )
    expect(Object.fromEntries(refusals)).toMatchObject({
      [staged]: 'wap-published',
      [again]: 'wap-published',
      [second]: 'on-branch',
    })
    expect(publicationCandidates((await load()).metadata, { limit: 20 }).totalCount).toBe(0)
  })

  it('onto another branch leaves main alone, and can be undone there', async () => {
    const first = await append('a')
    await setRef('audit', first)
    const onMain = await append('b')
    const onAudit = await append('c', { branch: 'audit' })
    expect((await review(onMain, 'audit')).scripts.spark).toMatchObject({ missingCount: 1 })
    const { auditId } = await pick(onMain, onAudit, { branch: 'audit' })
    expect([await liveFiles('audit'), await liveFiles()]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b'],
    ])
    await undo(home.services, identifier, auditId, {
      actor: TEST_ACTOR,
      signal,
      requestId: null,
      confirmedName: `demo.${identifier.table}`,
    })
    expect(await liveFiles('audit')).toEqual(['a', 'c'])
    await expect(review(onMain, 'nowhere')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is refused when the branch has moved since the review, and leaves no files (two writers)', async () => {
    const first = await append('a')
    const staged = await stage('b', 'load-8', first)
    const second = await append('c')
    const third = await append('d')
    await expect(pick(staged, second)).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { key: 'main', base: second, current: third },
    })
    const outcomes = await Promise.allSettled([pick(staged, third), pick(staged, third), append('e')])
    const [one, other, appended] = outcomes
    const picks = [one, other]
    expect(appended?.status).toBe('fulfilled')
    const reasons = picks.flatMap((outcome) => (outcome?.status === 'rejected' ? [outcome.reason] : []))
    for (const reason of reasons) expect(reason).toMatchObject({ code: 'commit-conflict' })
    const files = await liveFiles()
    expect(files.filter((name) => name === 'b')).toHaveLength(
      picks.filter((outcome) => outcome?.status === 'fulfilled').length,
    )
    expect(new Set(files).size).toBe(files.length)
  })

  it('is refused when the branch moves after its plan, although the picked changes would still apply', async () => {
    const first = await append('a')
    const onMain = await stage('b', 'load-12', first)
    const opened = await home.services.catalogs.open(identifier.catalog, TEST_ACTOR)
    let second = ''
    const moving = beforeWrites(opened, 'commit-table', async () => {
      second = await append('c')
    })
    vi.spyOn(home.services.catalogs, 'open').mockResolvedValueOnce(moving)
    const error: unknown = await pick(onMain, first).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'commit-conflict', facts: { key: 'main', base: first, current: second } })
    expect(await liveFiles()).toEqual(['a', 'c'])
  })

  it('of an overwrite that names no partitions is possible on its parent only', async () => {
    const first = await append('a')
    await setRef('audit', first)
    const overwritten = await run(
      async () => ({
        operation: overwriteOperation({
          added: [file('b')],
          removed: [file('a')],
          validation: { startingSnapshotId: first, isolation: 'snapshot' },
        }),
      }),
      'audit',
    )
    expect(await review(overwritten)).toMatchObject({ kind: 'fast-forward', dataFiles: { removed: 1, restored: 1 } })
    const second = await append('c')
    // The user who reviewed it before reads that the branch has moved, not that it was never possible.
    await expect(pick(overwritten, first)).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { key: 'main', base: first, current: second },
    })
    await expect(review(overwritten)).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(pick(overwritten, second)).rejects.toMatchObject({ code: 'invalid-request' })
    expect(publicationCandidates((await load()).metadata, { limit: 20 }).candidates).toMatchObject([
      { branch: 'audit', isFastForward: false, picks: [{ snapshotId: overwritten, refusal: 'not-replayable' }] },
    ])
  })

  it('that arrives twice is made once, and gets the same answer', async () => {
    const first = await append('a')
    const staged = await stage('b', 'load-9', first)
    const second = await append('c')
    const options = { idempotencyKey: 'a-key-of-one-cherry-pick' }
    const [one, other] = await Promise.all([pick(staged, second, options), pick(staged, second, options)])
    expect(one.auditId).toBe(other.auditId)
    expect(other.snapshotId).toBe(one.snapshotId)
    expect((await pick(staged, second, options)).auditId).toBe(one.auditId)
    expect(await liveFiles()).toEqual(['a', 'b', 'c'])
    await expect(pick(staged, one.snapshotId, options)).rejects.toMatchObject({ code: 'invalid-request' })
    const { tableUuid } = (await load()).metadata
    const entries = await listAudit(home.database, { tableUuid, limit: 50 })
    expect(entries.filter(({ action }) => action === 'cherry-pick')).toHaveLength(1)
  })

  it('of a copy never doubles rows: where its origin is, and of a copy of a copy where the copy is', async () => {
    const first = await append('a')
    await setRef('audit', first)
    await setRef('other', first)
    const origin = await append('b', { branch: 'audit' })
    const second = await append('c')
    const { snapshotId: copy } = await pick(origin, second)
    const onOther = await append('d', { branch: 'other' })
    const { snapshotId: copyOfCopy } = await pick(copy ?? '', onOther, { branch: 'other' })
    for (const [snapshotId, branch, tip] of [
      [copy, 'audit', origin],
      [copyOfCopy, 'audit', origin],
      [copyOfCopy, 'main', copy],
      [origin, 'other', copyOfCopy],
    ] as const) {
      const refused = { code: 'commit-conflict', facts: { snapshotId, ancestorId: tip } }
      await expect(review(snapshotId ?? '', branch)).rejects.toMatchObject(refused)
      await expect(pick(snapshotId ?? '', tip ?? null, { branch })).rejects.toMatchObject(refused)
    }
    expect([await liveFiles(), await liveFiles('audit'), await liveFiles('other')]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b'],
      ['a', 'b', 'd'],
    ])
    const { candidates } = publicationCandidates((await load()).metadata, { limit: 20 })
    expect(candidates.map(({ branch, picks }) => [branch, picks.map(({ snapshotId }) => snapshotId)])).toEqual([
      ['other', [onOther]],
      ['audit', []],
    ])
  })

  it('is refused while a data file of it is live on the branch, and nothing is left of the attempt', async () => {
    const first = await append('a')
    await setRef('audit', first)
    // The same file once more, as an engine may add it: the two snapshots are not connected.
    const onAudit = await append('b', { branch: 'audit' })
    const onMain = await append('b')
    const refused = { code: 'commit-conflict', facts: { snapshotId: onAudit, filePath: file('b').filePath } }
    await expect(review(onAudit)).rejects.toMatchObject(refused)
    const filesBefore = await listMetadata()
    await expect(pick(onAudit, onMain)).rejects.toMatchObject(refused)
    expect(await listMetadata()).toEqual(filesBefore)
    expect(await liveFiles()).toEqual(['a', 'b'])
    const { publications } = await readPublications(home.services, await load(), { actor: TEST_ACTOR })
    expect(publications).toMatchObject([{ branch: 'audit', aheadCount: 1, refusal: 'diverged', nextPick: null }])
    // The next one of the branch is offered, and can be picked.
    const later = await append('e', { branch: 'audit' })
    const next = await readPublications(home.services, await load(), { actor: TEST_ACTOR })
    expect(next.publications).toMatchObject([{ nextPick: { snapshotId: later, refusal: null } }])
    await pick(later, onMain)
    expect(await liveFiles()).toEqual(['a', 'b', 'e'])
  })

  it('of the files of its own parent is not a fast-forward', async () => {
    const first = await append('a')
    await setRef('audit', first)
    const twice = await append('a', { branch: 'audit' })
    const refused = { code: 'commit-conflict', facts: { snapshotId: twice, filePath: file('a').filePath } }
    await expect(review(twice)).rejects.toMatchObject(refused)
    await expect(pick(twice, first)).rejects.toMatchObject(refused)
    expect(await liveFiles()).toEqual(['a'])
  })

  it('gives an empty table its first snapshot', async () => {
    const staged = await append('a', { branch: 'audit' })
    expect(await review(staged)).toMatchObject({ kind: 'fast-forward', tip: null, dataFiles: { now: 0, after: 1 } })
    await pick(staged, null)
    expect(await liveFiles()).toEqual(['a'])
  })

  it('needs a second person where a policy demands one', async () => {
    const first = await append('a')
    const staged = await stage('b', 'load-10', first)
    const policy = { catalog: identifier.catalog, namespace: ['demo'] }
    await home.database.commit([setPolicyChange(policy, { requiresProposal: true, by: 'admin' })])
    await expect(pick(staged, first)).rejects.toMatchObject({ code: 'forbidden' })
    await home.database.commit([setPolicyChange(policy, { requiresProposal: false, by: 'admin' })])
    await pick(staged, first)
    expect(await liveFiles()).toEqual(['a', 'b'])
  })

  it('needs a second person also where the policy is set while it runs', async () => {
    const first = await append('a')
    const staged = await stage('b', 'load-11', first)
    const policy = { catalog: identifier.catalog, namespace: ['demo'] }
    const setPolicy = (requiresProposal: boolean) =>
      home.database.commit([setPolicyChange(policy, { requiresProposal, by: 'admin' })])
    const opened = await home.services.catalogs.open(identifier.catalog, TEST_ACTOR)
    const withPolicy = beforeWrites(opened, 'commit-table', async () => {
      await setPolicy(true)
    })
    vi.spyOn(home.services.catalogs, 'open').mockResolvedValueOnce(withPolicy)
    await expect(pick(staged, first)).rejects.toMatchObject({ code: 'forbidden', facts: { policy: 'demo' } })
    await setPolicy(false)
    expect(await liveFiles()).toEqual(['a'])
  })
})
