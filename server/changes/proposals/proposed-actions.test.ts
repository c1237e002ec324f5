import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ProposedAction, ReviewedAction } from '@/lib/contract/shapes/proposed-table-action'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { appendOperation } from '@/lib/iceberg/operations/append'
import { checkProperty } from '@/lib/iceberg/properties/table-checks'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { previewExpiryOf } from '@/testing/catalogs/expire-table'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { commitIntents } from '@/server/changes/actions/change-table'
import { runOperation } from '@/server/table/commit/run-operation'
import { commitProposal, propose, readProposals } from './proposals'
import { undo } from '@/testing/lifecycle/actions'

const home = createTestHome()
const signal = new AbortController().signal
let catalog: CatalogClient
let vera: Actor
let edna: Actor
let eric: Actor
let identifier: TableIdentifier
let tables = 0
let files = 0

beforeAll(async () => {
  vera = actorFor({ ...(await signInAs(home.services, 'viewer')), role: 'viewer' })
  edna = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  eric = actorFor({ ...(await signInAs(home.services, 'editor')), role: 'editor' })
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['acts'], properties: {} })
})
beforeEach(async () => {
  tables += 1
  identifier = { catalog: catalog.name, namespace: ['acts'], table: `t${tables}` }
  await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
})

const load = () => catalog.loadTable(identifier)
const metadata = async () => (await load()).metadata
const main = async () => (await metadata()).refs['main']?.snapshotId ?? ''
async function append(branch = 'main'): Promise<string> {
  const { store, metadata: before } = await load()
  files += 1
  const operation = appendOperation([sampleDataFile(`${before.location}/data/f${files}.parquet`)], {})
  const request = { catalog, store, identifier, branch, auditAction: 'append', actor: edna, signal }
  return (await runOperation(home.services.log, request, async () => ({ operation }))).snapshotId
}
const branchAt = (refName: string, snapshotId: string) =>
  catalog.write({
    kind: 'commit-table',
    table: identifier,
    change: {
      requirements: [],
      updates: [{ action: 'set-snapshot-ref', refName, snapshotId, type: 'branch' }],
    },
  })
const proposeAction = (action: ProposedAction, actor = vera, idempotencyKey?: string) =>
  propose(
    home.services,
    { kind: 'table', identifier: identifier },
    { action, title: 'As agreed', note: '' },
    { actor, signal, requestId: null, idempotencyKey },
  )
const commit = (proposalId: string, reviewed: ReviewedAction | undefined, actor = edna, confirmedName?: string) =>
  commitProposal(home.services, { kind: 'table', identifier: identifier }, proposalId, {
    reviewed,
    actor,
    signal,
    requestId: null,
    confirmedName,
  })
const named = () => `acts.${identifier.table}`
const newestEntry = async () => (await listAudit(home.database, { limit: 1 }))[0]

describe('A proposed expiry', () => {
  const criteria = { maxAgeMs: 0, retainLast: 1, removeFilesAfterMs: 60_000 }
  const dryRun = async (): Promise<Extract<ReviewedAction, { kind: 'expire' }>> => {
    const preview = await previewExpiryOf(home.services, identifier, edna, criteria)
    if (preview.intent?.kind !== 'expire-snapshots') throw new Error('nothing expires')
    return { kind: 'expire', nowMs: preview.criteria.nowMs, intent: preview.intent }
  }

  test('removes what the dry run of the committing user shows, also what came after it was proposed', async () => {
    const ids = [await append(), await append()]
    const { proposalId } = await proposeAction({ kind: 'expire', ...criteria })
    ids.push(await append())
    const reviewed = await dryRun()
    expect(reviewed.intent.snapshotIds).toEqual(ids.slice(0, 2))
    await expect(commit(proposalId, reviewed)).rejects.toMatchObject({ code: 'invalid-request' })
    const { auditId } = await commit(proposalId, reviewed, edna, named())
    expect((await metadata()).snapshots.map(({ snapshotId }) => snapshotId)).toEqual(ids.slice(2))
    expect(await newestEntry()).toMatchObject({
      id: auditId,
      action: 'expire-snapshots',
      actor: { username: edna.username },
      after: { proposal: { proposalId, proposedBy: vera.username }, expiry: { snapshotCount: 2 } },
    })
    await expect(commit(proposalId, reviewed, eric, named())).rejects.toMatchObject({ code: 'version-conflict' })
  })

  test('is not committed when the table, or what is sent, is not what the dry run showed', async () => {
    await append()
    await append()
    const { proposalId } = await proposeAction({ kind: 'expire', ...criteria })
    const before = await dryRun()
    await append()
    await expect(commit(proposalId, before, edna, named())).rejects.toMatchObject({ code: 'commit-conflict' })
    const now = await dryRun()
    const fewer = { ...now, intent: { ...now.intent, snapshotIds: now.intent.snapshotIds.slice(1) } }
    await expect(commit(proposalId, fewer, edna, named())).rejects.toMatchObject({ code: 'commit-conflict' })
    const sooner = { ...now, intent: { ...now.intent, removeFilesAfterMs: 0 } }
    await expect(commit(proposalId, sooner, edna, named())).rejects.toMatchObject({ code: 'commit-conflict' })
    const later = { ...now, nowMs: home.database.nowMs() + 3_600_000 }
    await expect(commit(proposalId, later, edna, named())).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(commit(proposalId, undefined, edna, named())).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(commit(proposalId, now, vera, named())).rejects.toMatchObject({ code: 'forbidden' })
    expect((await metadata()).snapshots).toHaveLength(3)
    expect(
      await readProposals(home.services, { kind: 'table', identifier: identifier }, { actor: vera, signal }),
    ).toMatchObject([{ state: 'open' }])
  })

  test('is not proposed when nothing would expire', async () => {
    await append()
    await expect(proposeAction({ kind: 'expire', ...criteria })).rejects.toMatchObject({ code: 'invalid-request' })
  })
})

describe('A proposed cherry-pick', () => {
  test('is made onto the tip that the committing user saw, once', async () => {
    const first = await append()
    await branchAt('audit', first)
    const picked = await append('audit')
    await append()
    const { proposalId } = await proposeAction({ kind: 'cherry-pick', snapshotId: picked, branch: 'main' })
    const seen = await main()
    const now = await append()
    await expect(commit(proposalId, { kind: 'cherry-pick', tipSnapshotId: seen })).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    const reviewed = { kind: 'cherry-pick', tipSnapshotId: now } as const
    const { auditId } = await commit(proposalId, reviewed)
    const tip = (await metadata()).snapshots.find(({ snapshotId }) => snapshotId !== now && snapshotId !== picked)
    expect(tip).toBeDefined()
    expect(await newestEntry()).toMatchObject({
      id: auditId,
      action: 'cherry-pick',
      after: { proposal: { proposalId, proposedBy: vera.username } },
    })
    const after = await main()
    await expect(commit(proposalId, { kind: 'cherry-pick', tipSnapshotId: after })).rejects.toMatchObject({
      code: 'version-conflict',
    })
    expect(await main()).toBe(after)
  })

  test('onto a branch that may have had it is made for a committing user who says that the rows are not there', async () => {
    const first = await append()
    await branchAt('audit', first)
    const picked = await append('audit')
    const second = await append()
    const tipSnapshotId = await append()
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [{ action: 'remove-snapshots', snapshotIds: [first, second] }],
      },
    })
    const { proposalId } = await proposeAction({ kind: 'cherry-pick', snapshotId: picked, branch: 'main' })
    const reviewed = { kind: 'cherry-pick', tipSnapshotId } as const
    await expect(commit(proposalId, reviewed)).rejects.toMatchObject({ code: 'commit-conflict' })
    expect(await main()).toBe(tipSnapshotId)
    await commit(proposalId, { ...reviewed, allowsUnknownAncestry: true })
    expect(await main()).not.toBe(tipSnapshotId)
  })

  test('needs another user where a policy demands two', async () => {
    const first = await append()
    await branchAt('audit', first)
    const picked = await append('audit')
    const policy = { catalog: catalog.name, namespace: ['acts'] }
    await home.database.commit([setPolicyChange(policy, { requiresProposal: true, by: 'admin' })])
    try {
      const { proposalId } = await proposeAction({ kind: 'cherry-pick', snapshotId: picked, branch: 'main' }, edna)
      const reviewed = { kind: 'cherry-pick', tipSnapshotId: first } as const
      await expect(commit(proposalId, reviewed, edna)).rejects.toMatchObject({ code: 'forbidden' })
      expect(await main()).toBe(first)
      await commit(proposalId, reviewed, eric)
      expect(await main()).toBe(picked)
    } finally {
      await home.database.commit([setPolicyChange(policy, { requiresProposal: false, by: 'admin' })])
    }
  })

  test('of a copy is neither proposed nor committed where its origin is', async () => {
    const first = await append()
    await branchAt('audit', first)
    await branchAt('other', first)
    const origin = await append('audit')
    const onMain = await append()
    const onOther = await append('other')
    const pickOnto = (branch: string, snapshotId: string) => ({ kind: 'cherry-pick', snapshotId, branch }) as const
    const { proposalId } = await proposeAction(pickOnto('main', origin))
    await commit(proposalId, { kind: 'cherry-pick', tipSnapshotId: onMain })
    const copy = await main()
    await expect(proposeAction(pickOnto('audit', copy))).rejects.toMatchObject({ code: 'commit-conflict' })
    const ontoOther = await proposeAction(pickOnto('other', copy))
    // Another branch brings the origin before the proposal is committed.
    const direct = await proposeAction(pickOnto('other', origin))
    await commit(direct.proposalId, { kind: 'cherry-pick', tipSnapshotId: onOther })
    const tip = (await metadata()).refs['other']?.snapshotId ?? ''
    await expect(commit(ontoOther.proposalId, { kind: 'cherry-pick', tipSnapshotId: tip })).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { snapshotId: copy, ancestorId: tip },
    })
    expect((await metadata()).refs['other']?.snapshotId).toBe(tip)
  })

  test('is not proposed onto a branch that is not there, nor of what the branch has', async () => {
    const first = await append()
    for (const branch of ['main', 'nowhere'])
      await expect(proposeAction({ kind: 'cherry-pick', snapshotId: first, branch })).rejects.toMatchObject({
        code: branch === 'main' ? 'commit-conflict' : 'not-found',
      })
  })
})

describe('A proposed publication', () => {
  test('waits for the checks, and fast-forwards main', async () => {
    const first = await append()
    await branchAt('audit', first)
    const audited = await append('audit')
    const { proposalId } = await proposeAction({ kind: 'publish', snapshotId: audited, branch: 'audit' })
    const check = { [checkProperty('none')]: 'SELECT 1 FROM this_table' }
    const setCheck = { action: 'set-properties', updates: check } as const
    await catalog.write({ kind: 'commit-table', table: identifier, change: { requirements: [], updates: [setCheck] } })
    const reviewed = { kind: 'publish', mainSnapshotId: first } as const
    await expect(commit(proposalId, reviewed)).rejects.toMatchObject({ code: 'commit-conflict' })
    expect(await main()).toBe(first)
    const removeCheck = { action: 'remove-properties', removals: Object.keys(check) } as const
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: { requirements: [], updates: [removeCheck] },
    })
    await commit(proposalId, reviewed)
    expect(await main()).toBe(audited)
    expect(await newestEntry()).toMatchObject({ action: 'publish', after: { proposal: { proposalId } } })
  })

  test('is refused once the branch has moved, and not proposed then', async () => {
    const first = await append()
    await branchAt('audit', first)
    const audited = await append('audit')
    const { proposalId } = await proposeAction({ kind: 'publish', snapshotId: audited, branch: 'audit' })
    await append('audit')
    await expect(commit(proposalId, { kind: 'publish', mainSnapshotId: first })).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    await expect(proposeAction({ kind: 'publish', snapshotId: audited, branch: 'audit' })).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    expect(await main()).toBe(first)
  })
})

describe('A repeated request to propose', () => {
  const action: ProposedAction = { kind: 'expire', maxAgeMs: 0, retainLast: 1 }
  const key = 'a-key-of-the-client'

  test('makes one proposal under its key, also at the same time, and another one under another', async () => {
    await append()
    await append()
    const made = await Promise.all([proposeAction(action, vera, key), proposeAction(action, vera, key)])
    made.push(await proposeAction(action, vera, key))
    expect(new Set(made.map(({ proposalId }) => proposalId)).size).toBe(1)
    await proposeAction(action, vera, `${key}-2`)
    await proposeAction(action, edna, key)
    expect(
      await readProposals(home.services, { kind: 'table', identifier: identifier }, { actor: vera, signal }),
    ).toHaveLength(3)
    await expect(proposeAction({ ...action, retainLast: 2 }, vera, key)).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })
})

describe('A proposed undo', () => {
  const setOwner = async (value: string, base: string | null) => {
    const intents = [{ kind: 'set-property' as const, key: 'owner', value, base }]
    return (await commitIntents(home.services, identifier, intents, { actor: eric, signal, requestId: null })).auditId
  }
  const owner = async () => (await metadata()).properties['owner']
  const toAction = (auditId: string, undone = 'set-properties'): Extract<ProposedAction, { kind: 'undo' }> => ({
    kind: 'undo',
    auditId,
    undone,
    safetyTag: null,
  })

  test('returns to the earlier values where a policy demands two people, and names its proposer', async () => {
    await setOwner('ada', null)
    const auditId = await setOwner('zoe', 'ada')
    await demandTwo(true)
    await expect(
      undo(home.services, identifier, auditId, { actor: edna, signal, requestId: null }),
    ).rejects.toMatchObject({ code: 'forbidden' })
    const { proposalId } = await proposeAction(toAction(auditId), edna)
    await expect(commit(proposalId, undefined, edna)).rejects.toMatchObject({ code: 'forbidden' })
    const committed = await commit(proposalId, undefined, eric)
    await demandTwo(false)
    expect(await owner()).toBe('ada')
    expect(await newestEntry()).toMatchObject({
      id: committed.auditId,
      action: 'undo',
      undoes: auditId,
      actor: { username: eric.username },
      after: { proposal: { proposalId, proposedBy: edna.username } },
    })
    expect(
      (await readProposals(home.services, { kind: 'table', identifier: identifier }, { actor: vera, signal }))[0]
        ?.state,
    ).toBe('committed')
  })

  test('moves main back with the safety tag that was proposed, once the name is confirmed', async () => {
    const first = await append()
    const second = await append()
    const auditId = (await newestEntry())?.id ?? ''
    const safetyTag = { name: 'before-undo', maxRefAgeMs: null }
    const { proposalId } = await proposeAction({ ...toAction(auditId, 'append'), safetyTag })
    await expect(commit(proposalId, undefined)).rejects.toMatchObject({ code: 'invalid-request' })
    await commit(proposalId, undefined, edna, named())
    expect((await metadata()).refs).toMatchObject({
      main: { snapshotId: first },
      'before-undo': { snapshotId: second },
    })
  })

  test('is refused when the same thing was changed since, and stays open', async () => {
    const auditId = await setOwner('ada', null)
    const { proposalId } = await proposeAction(toAction(auditId))
    await setOwner('zoe', 'ada')
    await expect(commit(proposalId, undefined)).rejects.toMatchObject({ code: 'commit-conflict' })
    await expect(proposeAction(toAction(auditId))).rejects.toMatchObject({ code: 'commit-conflict' })
    expect(await owner()).toBe('zoe')
    expect(
      (await readProposals(home.services, { kind: 'table', identifier: identifier }, { actor: vera, signal }))[0]
        ?.state,
    ).toBe('open')
  })

  test('fits after a change of something else', async () => {
    const auditId = await setOwner('ada', null)
    const { proposalId } = await proposeAction(toAction(auditId))
    await append()
    await commit(proposalId, undefined)
    expect(await owner()).toBeUndefined()
  })

  test('is not proposed of an entry of another table, of what it is not, nor of what has no undo', async () => {
    const auditId = await setOwner('ada', null)
    await expect(proposeAction(toAction(auditId, 'roll-back'))).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(proposeAction(toAction('nothing'))).rejects.toMatchObject({ code: 'not-found' })
    const { proposalId } = await proposeAction(toAction(auditId))
    const proposedEntry = (await newestEntry())?.id ?? ''
    await expect(proposeAction(toAction(proposedEntry, 'propose-changes'))).rejects.toMatchObject({
      code: 'not-supported',
    })
    await expect(commit(proposalId, undefined, vera)).rejects.toMatchObject({ code: 'forbidden' })
  })
})

const demandTwo = (requiresProposal: boolean) =>
  home.database.commit([
    setPolicyChange({ catalog: catalog.name, namespace: ['acts'] }, { requiresProposal, by: 'ada' }),
  ])
