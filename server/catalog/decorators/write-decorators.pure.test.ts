import { describe, expect, it } from 'vitest'
import { actorFor } from '@/server/auth/actor'
import { CONSOLE } from '@/server/auth/console'
import type {
  CatalogWrite,
  Write,
  WriteDecorator,
  WriteKind,
  WriteOptions,
  Written,
} from '@/server/catalog/port/catalog-write'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { SQLITE } from '@/server/db/sqlite/dialect'
import { compileChange } from '@/server/db/statement'
import { rawChange } from '@/testing/databases/test-sql'
import { withAudit } from './with-audit'
import { withMovedGrants } from './with-moved-grants'
import { withReindexRequests } from './with-reindex-requests'

const ACTOR = actorFor(CONSOLE)
const ROW = { metadataLocation: 's3://lake/m.json' }
const table = (name: string) => ({ catalog: 'lake', namespace: ['ns'], table: name })
const view = (name: string) => ({ catalog: 'lake', namespace: ['ns'], view: name })
const committed = (name: string) => ({
  before: null,
  after: Object.assign({} as LoadedTable, { identifier: table(name) }),
})
const emptyChange = { requirements: [], updates: [] }

/** The plan and the rows that reach the catalog with the write. */
async function send<Kind extends WriteKind>(
  decorator: WriteDecorator,
  write: CatalogWrite<Kind>,
  written: Written<Kind>,
  options?: WriteOptions<Kind>,
) {
  let received: WriteOptions<Kind> | undefined
  const next = (async (_write: unknown, sent: typeof received) => {
    received = sent
  }) as Write
  await decorator(next)(write, options)
  const rows = received?.alongside?.(written) ?? []
  return { plan: received?.plan, rows: rows.map((row) => compileChange(row, SQLITE, 0)) }
}

describe('A write whose caller plans no entry', () => {
  const remote = withAudit({ name: 'lake', kind: 'rest' }, ACTOR)
  const own = withAudit({ name: 'lake', kind: 'embedded' }, ACTOR)

  it('gets one in a remote catalog, under the id of the plan and after the rows of the caller', async () => {
    const write = { kind: 'rename-table', table: table('old'), to: table('new') } as const
    const { plan, rows } = await send(remote, write, ROW, { alongside: () => [rawChange('SELECT 1')] })
    expect(plan?.entry).toMatchObject({ action: 'rename-table', table: table('old'), actor: ACTOR })
    expect(rows.map(({ sql }) => sql)).toEqual(['SELECT 1', expect.stringContaining('"audit"')])
    expect(rows[1]?.params).toEqual(expect.arrayContaining([plan?.auditId, 'rename-table', 'old']))
  })

  it('gets one for each table of a transaction, and the outbox completes them by the table', async () => {
    const commits = ['a', 'b'].map((name) => ({ identifier: table(name), change: emptyChange }))
    const { plan, rows } = await send(remote, { kind: 'commit-tables', commits }, [committed('a'), committed('b')])
    expect(plan?.toEntry?.(committed('b'))).toMatchObject({ action: 'commit', table: table('b') })
    expect(rows.map(({ params }) => params.includes('a'))).toEqual([true, false])
    expect(rows.map(({ params }) => params.includes('b'))).toEqual([false, true])
    expect(rows.map(({ params }) => params.includes(plan?.auditId ?? ''))).toEqual([true, false])
  })

  it('gets one of a namespace in every catalog, with its properties before and after', async () => {
    const [before, after] = [{ properties: { owner: 'ann' } }, { properties: { owner: 'bob' } }]
    for (const audited of [remote, own]) {
      const write = { kind: 'update-namespace', namespace: ['ns'], updates: { owner: 'bob' }, removals: [] } as const
      const { rows } = await send(audited, write, { namespace: ['ns'], before, after }, { committedAtMs: 7 })
      expect(rows).toHaveLength(1)
      expect(rows[0]?.params).toEqual(
        expect.arrayContaining([7, 'update-namespace', JSON.stringify(before), JSON.stringify(after)]),
      )
    }
  })

  it('gets none for a table of our own catalog, where the caller brings it', async () => {
    const { plan, rows } = await send(own, { kind: 'drop-table', table: table('t') }, ROW)
    expect({ plan, rows }).toEqual({ plan: undefined, rows: [] })
  })

  it('is left as it is when the caller has planned one', async () => {
    const planned = { auditId: 'mine', entry: { actor: ACTOR, action: 'undo', requestId: null } }
    const { plan, rows } = await send(remote, { kind: 'drop-view', view: view('v') }, ROW, { plan: planned })
    expect({ plan, rows }).toEqual({ plan: planned, rows: [] })
  })
})

it('A write requests that all that it names is indexed again', async () => {
  const reindexed = withReindexRequests('lake')
  const moved = await send(reindexed, { kind: 'rename-view', view: view('old'), to: view('new') }, ROW)
  expect(moved.rows.map(({ params }) => params.slice(0, 3))).toEqual([
    ['lake', 'ns', 'old'],
    ['lake', 'ns', 'new'],
  ])
  const commits = ['a', 'b'].map((name) => ({ identifier: table(name), change: emptyChange }))
  const all = await send(reindexed, { kind: 'commit-tables', commits }, [committed('a')])
  expect(all.rows.map(({ params }) => params[2])).toEqual(['a', 'b'])
  const dropped = await send(
    reindexed,
    { kind: 'drop-namespace', namespace: ['ns'] },
    { namespace: ['ns'], before: null, after: null },
  )
  expect(dropped.rows.map(({ params }) => params.slice(0, 2))).toEqual([['lake', 'ns']])
})

describe('Grants in a remote catalog', () => {
  const moving = withMovedGrants('lake')

  it.each([
    ['a table', { kind: 'rename-table', table: table('old'), to: table('new') }],
    ['a view', { kind: 'rename-view', view: view('old'), to: view('new') }],
  ] as const)('follow %s to its new name', async (_, write) => {
    const { rows } = await send(moving, write, ROW)
    expect(rows.some(({ sql, params }) => sql.includes('"grants"') && params.includes('new'))).toBe(true)
  })

  it.each([
    ['a table', { kind: 'drop-table', table: table('t') }],
    ['a view', { kind: 'drop-view', view: view('t') }],
  ] as const)('go with %s that is dropped', async (_, write) => {
    const { rows } = await send(moving, write, ROW)
    expect(rows.map(({ sql }) => sql)).toEqual([expect.stringMatching(/^delete from "grants"/)])
  })

  it('stay when a table is committed to', async () => {
    const write = { kind: 'commit-table', table: table('t'), change: emptyChange } as const
    expect((await send(moving, write, committed('t'))).rows).toEqual([])
  })
})
