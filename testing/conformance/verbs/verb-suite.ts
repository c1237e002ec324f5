import { beforeEach, describe, expect, test, vi } from 'vitest'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import type { Change } from '@/server/db/database'
import { touchesTable } from '@/testing/databases/change-sql'
import type { SignedInUser, TestHome } from '@/testing/homes/test-home'
import { UNDER_POLICY } from './under-policy'
import type { PreparedVerb, Verb } from './verb'
import { type AuditRow, type Fields, type Reply, VerbLake } from './verb-lake'

let keys = 0
export const newKey = () => `key-of-verb-${(keys += 1)}-0000`

/** The common contract of all verbs. */
export function describeVerbs(home: TestHome, verbs: readonly Verb[]): void {
  describe.each(verbs)('$title', (verb) => {
    let lake: VerbLake
    let editor: SignedInUser
    let prepared: PreparedVerb
    const send = (user: SignedInUser, change: Fields = {}) =>
      lake.send(user, verb.endpoint, { ...prepared.input, ...change })
    /** As the page sends it. */
    const withKey = () => (verb.key ? { idempotencyKey: newKey() } : {})
    const without = (field: string) =>
      Object.fromEntries(Object.entries({ ...prepared.input, ...withKey() }).filter(([name]) => name !== field))

    beforeEach(async () => {
      lake = await VerbLake.open(home)
      editor = await lake.signIn(verb.refusedRole === undefined ? 'editor' : 'admin')
      prepared = await verb.prepare(lake, editor)
    })

    test('is refused without the permission and hidden from strangers, changes nothing, and the audit says so', async () => {
      const seer = await lake.signIn(verb.refusedRole ?? 'viewer')
      const stranger = await lake.signIn(null)
      const earlier = await lake.audit()
      const before = await lake.state()
      expect(await send(seer, withKey())).toMatchObject({ status: 403, body: { code: 'forbidden' } })
      expect(await send(stranger, withKey())).toMatchObject({ status: 404, body: { code: 'not-found' } })
      expect(await lake.state()).toEqual(before)
      const refusals = await lake.auditSince(earlier)
      const refused = verb.hidesUnrecorded ? [seer] : [seer, stranger]
      expect(refusals.map((entry) => [entry.action, entry.actor_name, refusalOf(entry)])).toEqual(
        refused.map(({ username }) => ['refuse-request', username, { operation: verb.endpoint, code: 'forbidden' }]),
      )
    })

    test('is recorded once, in the transaction of the write, with what search has to look at again', async () => {
      const earlier = await lake.audit()
      const before = await lake.state()
      const written = spyOnWrites(lake, verb)
      const reply = await send(editor, withKey())
      const transactions = written()
      expect(reply, JSON.stringify(reply.body)).toMatchObject({ status: 200 })
      expect(await lake.state()).not.toEqual(before)
      const entries = await lake.auditSince(earlier)
      expect(entries.map(({ action }) => action)).toEqual(verb.actions)
      for (const entry of entries)
        expect(entry).toMatchObject({ actor_name: editor.username, origin: '{"kind":"console"}' })
      const entry = entries.at(-1)
      expect(entry).toMatchObject({
        namespace: (prepared.input['toNamespace'] as string | undefined) ?? lake.namespace,
        table_name: prepared.target,
      })
      expect(entry?.request_id).not.toBeNull()
      expect([entry?.id, undefined]).toContain(reply.body['auditId'])
      const isReindexed = verb.writes !== 'runs' && verb.writes !== 'change_policies'
      expect(transactions).toEqual([
        { hasAudit: true, hasReindexRequests: isReindexed, hasResponse: verb.key !== undefined },
      ])
      const reindexed = await lake.rows('search_pending')
      const toBadge = isReindexed ? (prepared.reindexes ?? [prepared.target ?? '']) : []
      expect(toBadge.filter((name) => !reindexed.some((row) => row.includes(`"name":"${name}"`)))).toEqual([])
    })

    if (verb.stale !== null)
      test('is refused when what was reviewed has changed since', async () => {
        if (!prepared.change) throw new Error(`${verb.name} does not say how its target changes`)
        await prepared.change()
        const before = await lake.state()
        const earlier = await lake.audit()
        expect(await send(editor, withKey())).toMatchObject({ body: { code: verb.stale } })
        expect(await lake.state()).toEqual(before)
        expect(await lake.auditSince(earlier)).toEqual([])
      })

    const { typedName } = verb
    if (typedName)
      test('is refused without the typed name, and with another one', async () => {
        const before = await lake.state()
        const refused = { status: 400, body: { code: 'invalid-request' } }
        expect(await lake.send(editor, verb.endpoint, without(typedName))).toMatchObject(refused)
        expect(await send(editor, { ...withKey(), [typedName]: 'another' })).toMatchObject(refused)
        expect(await send(editor, { ...withKey(), [typedName]: '' })).toMatchObject(refused)
        expect(await lake.state()).toEqual(before)
      })

    const { key } = verb
    if (key?.isRequired)
      test('is refused without a key', async () => {
        const before = await lake.state()
        expect(await send(editor)).toMatchObject({ status: 400, body: { code: 'invalid-request' } })
        expect(await lake.state()).toEqual(before)
      })
    if (key)
      test('happens once under one key, which no other request may have', async () => {
        const idempotencyKey = newKey()
        const earlier = await lake.audit()
        const both = await Promise.all([send(editor, { idempotencyKey }), send(editor, { idempotencyKey })])
        const [first, atOnce] = both.toSorted((a, b) => a.status - b.status)
        if (!first || !atOnce) throw new Error('a request had no response')
        expect(first, JSON.stringify(first.body)).toMatchObject({ status: 200 })
        const isUnderWay = key.isReserved === true && atOnce.status !== 200
        expect(isUnderWay ? atOnce.body['code'] : withoutTimes(atOnce)).toEqual(
          isUnderWay ? 'commit-state-unknown' : withoutTimes(first),
        )
        const after = await lake.state()
        expect(withoutTimes(await send(editor, { idempotencyKey }))).toEqual(withoutTimes(first))
        expect(
          await lake.send(editor, verb.endpoint, { ...prepared.input, ...prepared.other, idempotencyKey }),
        ).toMatchObject({
          status: 400,
          body: { code: 'invalid-request' },
        })
        expect(await lake.state()).toEqual(after)
        expect((await lake.auditSince(earlier)).map(({ action }) => action)).toEqual(verb.actions)
        const { outcomeAt } = key
        if (outcomeAt === null) return
        const askedWith = async (user: SignedInUser, text: string) =>
          lake.get(user, outcomeAt, { ...pathOf(prepared), ...prepared.outcomeOf, idempotencyKey: text })
        expect(await askedWith(editor, idempotencyKey)).toEqual({
          outcome: 'committed',
          auditId: first.body['auditId'] ?? (await lake.audit()).at(-1)?.id,
        })
        expect(await askedWith(editor, newKey())).toEqual({ outcome: 'not-committed', auditId: null })
        expect(await askedWith(await lake.signIn('editor'), idempotencyKey)).toEqual({
          outcome: 'not-committed',
          auditId: null,
        })
      })
    else
      test('has no key, and the same request again does nothing more unless it says so', async () => {
        const earlier = await lake.audit()
        const first = await send(editor)
        expect(first, JSON.stringify(first.body)).toMatchObject({ status: 200 })
        const after = await lake.state()
        const second = await send(editor)
        const count = (await lake.auditSince(earlier)).length
        const isReturned = verb.again === 'same' || verb.again === 'repeated'
        expect(isReturned ? withoutTimes(second) : second.body['code']).toEqual(
          isReturned ? withoutTimes(first) : verb.again,
        )
        expect(count).toBe(verb.actions.length * (verb.again === 'repeated' ? 2 : 1))
        expect(verb.again === 'repeated' ? after : await lake.state()).toEqual(after)
      })

    switch (UNDER_POLICY[verb.name]) {
      case 'proposed':
        test('is refused to one user where changes need two, and committed by another as it was proposed', async () => {
          const proposal = await checkProposal(lake, verb, prepared, { editor, send, withKey })
          expect(proposal).toMatchObject({ title: 'As agreed', proposedBy: editor.username })
        })
        if (verb.stale !== null)
          test('is not committed from a proposal when what was reviewed has changed since, and stays open', async () => {
            const { commitAs, readState } = await propose(lake, verb, prepared, editor)
            const other = await lake.signIn('editor')
            await prepared.change?.()
            const before = await lake.state({ ofConsole: false })
            expect(await commitAs(other)).toMatchObject({ body: { code: verb.stale } })
            expect(await lake.state({ ofConsole: false })).toEqual(before)
            expect(await readState()).toBe('open')
          })
        break
      case 'not held':
        test('is open to one user where changes need two people', async () => {
          await lake.demandTwoPeople()
          const reply = await send(editor, withKey())
          expect(reply, JSON.stringify(reply.body)).toMatchObject({ status: 200 })
        })
    }

    const { undoneBy } = verb
    if (undoneBy !== null)
      test('is undone, and readers see what they saw before', async () => {
        const before = await lake.facts()
        const written = await send(editor, withKey())
        expect(written, JSON.stringify(written.body)).toMatchObject({ status: 200 })
        const auditId = (await lake.audit()).at(-1)?.id ?? ''
        expect(await lake.facts()).not.toEqual(before)
        const undone = await lake.send(editor, undoneBy, prepared.toUndo?.(auditId) ?? {})
        expect(undone, JSON.stringify(undone.body)).toMatchObject({ status: 200 })
        const after = await lake.facts()
        const toShown = verb.leavesSnapshot ? withoutSnapshots : (facts: object) => facts
        expect(toShown(after)).toEqual(toShown(before))
        expect((await lake.audit()).at(-1)).toMatchObject({ undoes: auditId })
      })
    else if (findEndpoint(verb.endpoint).path.includes(':table'))
      test('is not undone by the history of its table', async () => {
        const written = await send(editor, withKey())
        expect(written, JSON.stringify(written.body)).toMatchObject({ status: 200 })
        const auditId = (await lake.audit()).at(-1)?.id ?? ''
        const before = await lake.facts()
        const namespace = prepared.input['toNamespace'] ?? lake.namespace
        const at = { ...lake.wire, namespace, table: prepared.target }
        const undone = await lake.send(editor, 'undoAction', { ...at, auditId })
        expect(undone.body).toMatchObject({ code: expect.stringMatching(/^(not-found|not-supported)$/) })
        expect(await lake.facts()).toEqual(before)
      })
  })
}

type Sending = {
  editor: SignedInUser
  send: (user: SignedInUser, change?: Fields) => Promise<Reply>
  withKey: () => Fields
}

type MadeProposal = {
  proposalId: string
  /** With the typed name and the review, where the verb has them. */
  commitAs: (user: SignedInUser, options?: CommitOptions) => Promise<Reply>
  readState: () => Promise<unknown>
}

type CommitOptions = {
  /** Left out of the request. */
  without?: 'typed name' | 'review'
  /** A new one if absent. */
  idempotencyKey?: string
}

/** Proposes the verb, and reads the page of the proposal as the user who commits it. */
export async function propose(
  lake: VerbLake,
  verb: Verb,
  prepared: PreparedVerb,
  proposer: SignedInUser,
): Promise<MadeProposal> {
  const { proposal } = prepared
  if (!proposal) throw new Error(`${verb.name} does not say how it is proposed`)
  const { make, read, commit } = PROPOSAL_ENDPOINTS_OF[proposal.of]
  const address = pathOf(prepared)
  const made = await lake.get(proposer, make, { ...address, title: 'As agreed', note: '', ...proposal.proposed })
  const { proposalId } = made['proposal'] as { proposalId: string }
  const reviewed = await proposal.toReviewed?.(proposer)
  const confirmed = verb.typedName ? { confirmedName: prepared.input['confirmedName'] } : {}
  return {
    proposalId,
    commitAs: (user, { without, idempotencyKey = newKey() } = {}) =>
      lake.send(user, commit, {
        ...address,
        proposalId,
        ...(without !== 'review' && reviewed),
        ...(without !== 'typed name' && confirmed),
        idempotencyKey,
      }),
    async readState() {
      const { proposal: now } = await lake.get(proposer, read, { ...address, proposalId })
      return (now as { state: unknown }).state
    },
  }
}

const PROPOSAL_ENDPOINTS_OF = {
  table: { make: 'proposeChanges', read: 'getProposal', commit: 'commitProposal' },
  view: { make: 'proposeViewChange', read: 'getViewProposal', commit: 'commitViewProposal' },
  namespace: { make: 'proposeNamespaceChange', read: 'getNamespaceProposal', commit: 'commitNamespaceProposal' },
} as const

/** @returns the proposal in the audit entry of its commit */
async function checkProposal(
  lake: VerbLake,
  verb: Verb,
  prepared: PreparedVerb,
  { editor, send, withKey }: Sending,
): Promise<unknown> {
  await lake.demandTwoPeople()
  await checkRefused(lake, () => send(editor, withKey()), editor, 'need two people')
  const before = await lake.state({ ofConsole: false })
  const { proposalId, commitAs, readState } = await propose(lake, verb, prepared, editor)
  const other = await lake.signIn('editor')
  expect(await commitAs(editor)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  const isNeeded = { 'typed name': verb.typedName !== undefined, review: prepared.proposal?.toReviewed !== undefined }
  for (const without of (['typed name', 'review'] as const).filter((one) => isNeeded[one]))
    expect((await commitAs(other, { without })).body['code'], `without the ${without}`).toBe('invalid-request')
  expect(await lake.state({ ofConsole: false })).toEqual(before)
  expect(await readState()).toBe('open')
  const earlier = await lake.audit()
  const committed = await commitAs(other)
  expect(committed, JSON.stringify(committed.body)).toMatchObject({ status: 200 })
  const entries = await lake.auditSince(earlier)
  expect(entries.map(({ action }) => action)).toEqual(verb.actions)
  const entry = entries.at(-1)
  expect(entry).toMatchObject({ actor_name: other.username, id: committed.body['auditId'] })
  const after = JSON.parse(entry?.after ?? '{}') as { proposal?: { proposalId: string } }
  expect(after.proposal?.proposalId).toBe(proposalId)
  return after.proposal
}

async function checkRefused(
  lake: VerbLake,
  send: () => Promise<Reply>,
  { username }: SignedInUser,
  because: string,
): Promise<Reply> {
  const before = await lake.state()
  const earlier = await lake.audit()
  const reply = await send()
  expect(reply).toMatchObject({
    status: 403,
    body: { code: 'forbidden', detail: expect.stringContaining(because) },
  })
  expect(await lake.state()).toEqual(before)
  expect(await lake.auditSince(earlier)).toMatchObject([{ action: 'refuse-request', actor_name: username }])
  return reply
}

/** Watches the transactions that write the verb's changes. */
function spyOnWrites(lake: VerbLake, { writes = 'iceberg_tables' }: Verb) {
  const found: { hasAudit: boolean; hasReindexRequests: boolean; hasResponse: boolean }[] = []
  const { database } = lake.home.services
  const commit = database.commit.bind(database)
  const spy = vi.spyOn(database, 'commit').mockImplementation(async (changes: readonly Change[]) => {
    if (isWriteTo(changes, writes)) {
      found.push({
        hasAudit: touchesTable(changes, '"audit"'),
        hasReindexRequests: touchesTable(changes, '"search_pending"'),
        hasResponse: touchesTable(changes, '"idempotency"'),
      })
    }
    return commit(changes)
  })
  return () => {
    spy.mockRestore()
    return found
  }
}

function isWriteTo(changes: readonly Change[], table: string): boolean {
  return changes.some((change) => touchesTable([change], `"${table}"`) && !touchesTable([change], '"search_pending"'))
}

function refusalOf({ after }: AuditRow): { operation: string; code: string } {
  const { refusal } = JSON.parse(after ?? '{}') as { refusal: { operation: string; code: string } }
  return { operation: refusal.operation, code: refusal.code }
}

/** The fields of an address: catalog, namespace, and the table or view. */
function pathOf({ input }: PreparedVerb): Fields {
  const names = ['catalog', 'namespace', 'table', 'view']
  return Object.fromEntries(Object.entries(input).filter(([name]) => names.includes(name)))
}

function withoutSnapshots(facts: object): unknown {
  return JSON.parse(JSON.stringify(facts, (name, value: unknown) => (name === 'snapshotIds' ? undefined : value)))
}

/** A run reports how long it has waited. */
export function withoutTimes({ status, body }: Reply): unknown {
  return JSON.parse(
    JSON.stringify({ status, body }, (name, value: unknown) => (name === 'durationMs' ? undefined : value)),
  )
}
