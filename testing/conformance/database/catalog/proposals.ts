import { beforeEach, describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import {
  findChangePolicy,
  requireNoPolicyChange,
  requireNoStricterPolicy,
  setPolicyChange,
} from '@/server/db/catalog/change-policies'
import {
  claimProposalChange,
  closeProposalChange,
  commitProposalChange,
  foundProposalChange,
  requireOpenProposalChange,
} from '@/server/db/catalog/proposal-decisions'
import {
  addProposalChange,
  countOpenProposals,
  dropNamespaceProposalsChange,
  findProposal,
  listOpenBulkProposals,
  listOpenProposals,
  listProposals,
  MAX_OPEN_PROPOSALS,
  moveProposalsChange,
  namespaceKey,
  type NewProposal,
  PROPOSAL_LIFE_MS,
} from '@/server/db/catalog/proposals'
import { UnexpectedChanges } from '@/server/db/database'
import { removePendingWrite, savePendingWrite } from '@/server/db/catalog/pending-writes'
import { tidyDatabase } from '@/server/db/tidy'
import { LONG_TEXT, type OpenDatabase, setUpDatabase, undoneAtChange } from '../testbed'

const proposal = (
  proposalId: string,
  change: Partial<Pick<NewProposal, 'on' | 'tableUuid' | 'bulkChangeId' | 'title'>> = {},
): Extract<NewProposal, { entryKind: 'table' }> => ({
  proposalId,
  entryKind: 'table',
  on: { catalog: 'local', namespace: ['a', 'b'], table: 't' },
  tableUuid: 'uuid',
  title: 'ä “t”',
  note: LONG_TEXT,
  action: { kind: 'change-table', intents: [{ kind: 'set-property', key: 'a\0b', value: 'x', base: null }] },
  proposedBy: { userId: 'u', username: 'ada' },
  ...change,
})

export function describeProposals(open: OpenDatabase): void {
  describe('Proposals', () => {
    const database = setUpDatabase(open)
    beforeEach(() => database().commit([rawChange('DELETE FROM proposals')]))
    const age = (ms: number) =>
      database().commit([rawChange('UPDATE proposals SET expires_at_ms = expires_at_ms - ?', [ms])])
    const add = (one: NewProposal) => database().commit([addProposalChange(one)])
    const stateOf = async (id: string) => (await findProposal(database(), id))?.state

    test('are returned with every field, the newest of a table first', async () => {
      await add(proposal('p1'))
      await add(proposal('p2'))
      await add(proposal('p3', { on: { catalog: 'other', namespace: ['a', 'b'], table: 't' } }))
      const { on, ...stored } = proposal('p1')
      expect(await findProposal(database(), 'p1')).toEqual({
        ...stored,
        catalog: on.catalog,
        createdAtMs: expect.any(Number),
        expiresAtMs: expect.any(Number),
        state: 'open',
        decidedBy: null,
        decidedAtMs: null,
        comment: null,
        auditId: null,
      })
      const listed = await listProposals(database(), {
        entryKind: 'table',
        catalog: 'local',
        tableUuid: 'uuid',
        limit: 10,
      })
      expect(listed.map(({ proposalId }) => proposalId)).toEqual(['p2', 'p1'])
      expect(listed[0]).not.toHaveProperty('intents')
      expect(await findProposal(database(), 'none')).toBeNull()
      expect(await countOpenProposals(database(), { catalog: 'local', tableUuid: 'uuid' })).toBe(2)
    })

    test('of a change of many tables are listed as one while some of them are open, and not one by one', async () => {
      const part = (id: string, bulkChangeId: string) =>
        add(proposal(id, { tableUuid: id, bulkChangeId, title: bulkChangeId }))
      await part('p1', 'B2')
      await part('p2', 'B1')
      await part('p3', 'B2')
      await add(proposal('p4'))
      const listed = async (limit = 10) =>
        (await listOpenBulkProposals(database(), { limit })).map(({ bulkChangeId, title }) => [bulkChangeId, title])
      expect(await listed(), 'the newest first').toEqual([
        ['B2', 'B2'],
        ['B1', 'B1'],
      ])
      expect(await listed(1)).toEqual([['B2', 'B2']])
      const alone = await listOpenProposals(database(), { limit: 10, isAlone: true })
      expect(alone.map(({ proposalId }) => proposalId)).toEqual(['p4'])
      expect(await listOpenProposals(database(), { limit: 10 })).toHaveLength(4)
      for (const id of ['p1', 'p2'])
        await database().commit([closeProposalChange(id, { state: 'withdrawn', by: 'ada', comment: null })])
      expect(await listed(), 'p3 is open').toEqual([['B2', 'B2']])
      await age(PROPOSAL_LIFE_MS)
      expect(await listed()).toEqual([])
    })

    test('that are open are listed over all tables, under the names that these have now', async () => {
      const open = async () =>
        (await listOpenProposals(database(), { limit: 2 })).map(({ proposalId, on }) => [proposalId, on])
      const table = { catalog: 'local', namespace: ['a', 'b'], table: 't' }
      const renamed = { catalog: 'local', namespace: ['c'], table: 'u' }
      const other = { catalog: 'local', namespace: ['a'], table: 'other' }
      await add(proposal('p1'))
      await add(proposal('p2', { tableUuid: 'other', on: other }))
      await add(proposal('p3'))
      expect(await open()).toEqual([
        ['p3', table],
        ['p2', other],
      ])
      await database().commit([closeProposalChange('p3', { state: 'returned', by: 'bob', comment: 'no' })])
      await database().commit([moveProposalsChange('uuid', 'local', renamed)])
      await database().commit([moveProposalsChange('other', 'elsewhere', null)])
      expect(await open()).toEqual([
        ['p2', other],
        ['p1', renamed],
      ])
      await database().commit([moveProposalsChange('other', 'local', null)])
      expect(await open()).toEqual([['p1', renamed]])
      await age(PROPOSAL_LIFE_MS)
      expect(await open()).toEqual([])
      expect(await countOpenProposals(database(), { catalog: 'local', tableUuid: 'uuid' })).toBe(0)
    })

    test('of a namespace are its own until it is dropped', async () => {
      const on = { catalog: 'local', namespace: ['a', 'b'] }
      const ofNamespace = {
        ...proposal('n1', { on }),
        entryKind: 'namespace',
        tableUuid: namespaceKey(on.namespace),
        action: { kind: 'drop-namespace' },
      } as const
      await add(ofNamespace)
      await add({ ...ofNamespace, proposalId: 'n2', on: { ...on, catalog: 'other' } })
      await add(proposal('p1'))
      const list = async (catalog: string) => {
        const { entryKind, tableUuid } = ofNamespace
        const listed = await listProposals(database(), { entryKind, catalog, tableUuid, limit: 10 })
        return listed.map(({ proposalId }) => proposalId)
      }
      expect(await findProposal(database(), 'n1')).toMatchObject({
        entryKind: 'namespace',
        action: { kind: 'drop-namespace' },
      })
      expect(await listOpenProposals(database(), { limit: 10 })).toMatchObject([
        { proposalId: 'p1' },
        { proposalId: 'n2' },
        { proposalId: 'n1', on },
      ])
      await expect(
        database().commit([commitProposalChange('n1', { by: 'bob', auditId: 'a', of: { ...on, table: 't' } })]),
      ).rejects.toThrow(undoneAtChange(0))
      await database().commit([requireOpenProposalChange('n1')])
      await database().commit([dropNamespaceProposalsChange('local', on.namespace)])
      expect(await list('local')).toEqual([])
      expect(await list('other')).toEqual(['n2'])
      expect((await listOpenProposals(database(), { limit: 10 })).map(({ proposalId }) => proposalId)).toEqual([
        'p1',
        'n2',
      ])
      await expect(
        database().commit([commitProposalChange('n1', { by: 'bob', auditId: 'a', of: on })]),
      ).rejects.toThrow(undoneAtChange(0))
      await database().commit([closeProposalChange('n2', { state: 'withdrawn', by: 'ada', comment: null })])
      await expect(database().commit([requireOpenProposalChange('n2')])).rejects.toThrow(undoneAtChange(0))
    })

    test('are decided once, also by two users at once', async () => {
      await add(proposal('p1'))
      const results = await Promise.allSettled([
        database().commit([commitProposalChange('p1', { by: 'bob', auditId: 'a1' })]),
        database().commit([closeProposalChange('p1', { state: 'returned', by: 'eve', comment: 'no' })]),
      ])
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      await database().commit([foundProposalChange('p1', { id: 'a2', entry: { actor: { username: 'zoe' } } })])
      expect((await findProposal(database(), 'p1'))?.decidedBy).not.toBe('zoe')
    })

    test('without a decision expire, and are removed long after', async () => {
      await add(proposal('p1'))
      await age(PROPOSAL_LIFE_MS)
      expect(await stateOf('p1')).toBe('expired')
      await expect(database().commit([commitProposalChange('p1', { by: 'bob', auditId: 'a' })])).rejects.toThrow(
        undoneAtChange(0),
      )
      const { signal } = new AbortController()
      await tidyDatabase(database(), { signal })
      expect(await stateOf('p1')).toBe('expired')
      await age(3 * PROPOSAL_LIFE_MS)
      await tidyDatabase(database(), { signal })
      expect(await stateOf('p1')).toBeUndefined()
    })

    test('are limited for each table, counting open ones', async () => {
      for (let i = 0; i < MAX_OPEN_PROPOSALS - 1; i += 1) await add(proposal(`p${i}`))
      const results = await Promise.allSettled([add(proposal('x')), add(proposal('y'))])
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      await add(proposal('other', { tableUuid: 'other' }))
      await database().commit([closeProposalChange('p0', { state: 'withdrawn', by: 'ada', comment: null })])
      await add(proposal('z'))
      expect(await stateOf('z')).toBe('open')
    })

    test('are claimed by one commit at a time, until its outcome is known', async () => {
      await add(proposal('p1'))
      const send = (id: string) =>
        savePendingWrite(
          database(),
          {
            id,
            catalog: 'local',
            entries: [],
            evidence: { kind: 'namespace', namespace: ['a'], before: null, after: {} },
            idempotency: null,
          },
          claimProposalChange('p1', id),
        )
      const results = await Promise.allSettled([send('w1'), send('w2')])
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const winner = results[0].status === 'fulfilled' ? 'w1' : 'w2'
      await send(winner)
      await expect(send('w3')).rejects.toThrow(undoneAtChange(1))
      expect(await findProposal(database(), 'p1')).toMatchObject({ state: 'open', auditId: null })
      await database().commit([removePendingWrite(winner)])
      await send('w3')
    })

    test('whose commit is found later are committed', async () => {
      await add(proposal('p1'))
      await database().commit([foundProposalChange('p1', { id: 'a1', entry: { actor: { username: 'bob' } } })])
      expect(await findProposal(database(), 'p1')).toMatchObject({
        state: 'committed',
        decidedBy: 'bob',
        auditId: 'a1',
      })
    })
  })
}

export function describeChangePolicies(open: OpenDatabase): void {
  describe('Policies of changes', () => {
    const database = setUpDatabase(open)
    const inNamespace = (...namespace: string[]) => ({ catalog: 'local', namespace })
    const set = (namespace: string[], requiresProposal: boolean, includesEngines = false) =>
      database().commit([setPolicyChange(inNamespace(...namespace), { requiresProposal, includesEngines, by: 'ada' })])
    const found = (...namespace: string[]) => findChangePolicy(database(), inNamespace(...namespace))

    test('hold for a namespace and those below it, in one catalog', async () => {
      await set(['a'], true)
      await set(['a'], true)
      await set(['a', 'b.c'], true)
      expect(await found('a')).toEqual({ namespace: ['a'], ofEngines: null })
      expect(await found('a', 'x')).toEqual({ namespace: ['a'], ofEngines: null })
      expect(await found('a', 'b.c', 'd')).toEqual({ namespace: ['a', 'b.c'], ofEngines: null })
      expect(await found('ab')).toBeNull()
      expect(await findChangePolicy(database(), { catalog: 'other', namespace: ['a'] })).toBeNull()
      await set(['a'], false)
      expect(await found('a', 'x')).toBeNull()
    })

    test('hold for engines where one of them says so', async () => {
      await set(['e'], true, true)
      await set(['e', 'f'], true)
      expect(await found('e', 'f')).toEqual({ namespace: ['e', 'f'], ofEngines: ['e'] })
      await expect(database().commit([requireNoPolicyChange(inNamespace('e', 'f'), 'engines')])).rejects.toThrow(
        UnexpectedChanges,
      )
      await set(['e'], true, false)
      expect(await found('e', 'f')).toEqual({ namespace: ['e', 'f'], ofEngines: null })
      await database().commit([requireNoPolicyChange(inNamespace('e', 'f'), 'engines')])
      await set(['e'], false)
      await set(['e', 'f'], false)
    })

    test('undo a transaction that would make its own namespace demand less', async () => {
      const off = { requiresProposal: false }
      const guard = (to: { requiresProposal: boolean; includesEngines?: boolean }) =>
        database().commit([requireNoStricterPolicy(inNamespace('s', 't'), to)])
      await set(['s'], true, true)
      await guard(off)
      await set(['s', 't'], true)
      await expect(guard(off)).rejects.toThrow(UnexpectedChanges)
      await guard({ requiresProposal: true })
      await set(['s', 't'], true, true)
      await expect(guard({ requiresProposal: true })).rejects.toThrow(UnexpectedChanges)
      await guard({ requiresProposal: true, includesEngines: true })
      await set(['s', 't'], false)
      await set(['s'], false)
    })

    test('undo a transaction that must not meet one', async () => {
      await database().commit([requireNoPolicyChange(inNamespace('a', 'b'))])
      await set(['a'], true)
      await expect(database().commit([requireNoPolicyChange(inNamespace('a', 'b'))])).rejects.toMatchObject({
        index: 0,
        changes: 1,
      })
    })
  })
}
