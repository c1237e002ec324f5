// @vitest-environment happy-dom
import { listedSnapshot, UNFILTERED } from '@/testing/components/sample-snapshot'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { OnUrlUpdateFunction } from 'nuqs/adapters/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { listSnapshots, type Snapshot } from '@/lib/contract/table/snapshots'
import { getTable, getTableLayouts } from '@/lib/contract/table/tables'
import { AppError } from '@/lib/errors'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { QueryRequest, RunOptions } from '@/lib/query/engine'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_PAST } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { stubQuerySession } from '@/testing/components/stub-query-session'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { FindBrokenCommit } from './find-broken-commit'

const call = stubApi()
const run = vi.fn()
stubQuerySession({ run })

const COUNT = 9
/** The newest first, as the server lists them. Their ids are 1 to 9. */
const SNAPSHOTS = Array.from({ length: COUNT }, (_, i): Snapshot => {
  const number = COUNT - i
  return listedSnapshot({
    snapshotId: String(number),
    parentSnapshotId: number === 1 ? null : String(number - 1),
    sequenceNumber: number,
    committedAtMs: 1_000 * number,
    writer: `writer-${number}`,
    summary: { operation: 'append', 'added-records': String(number) },
  })
})
const DETAIL = {
  ...SAMPLE_DETAIL,
  refs: [{ name: 'main', type: 'branch' as const, snapshotId: String(COUNT) }],
}

/** The value of the condition at a snapshot. */
let valueAt: (snapshot: number) => unknown
/** The columns of the condition that a snapshot does not have. */
let absentAt: (snapshot: number) => string[]
beforeEach(() => {
  absentAt = () => []
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint !== listSnapshots) throw new Error('unexpected call')
    return { mainSnapshotId: String(COUNT), totalCount: COUNT, ...UNFILTERED, snapshots: SNAPSHOTS, nextOffset: null }
  })
  run.mockImplementation(async ({ sql }: QueryRequest, options: RunOptions) => {
    options.signal.throwIfAborted()
    const value = valueAt(Number(/as of (\d+)$/.exec(sql)?.[1]))
    if (value instanceof Error) throw value
    const absentColumns = absentAt(Number(/as of (\d+)$/.exec(sql)?.[1]))
    return { rowCount: 1, columns: [{}], batches: [{ rowCount: 1, value: () => value }], absentColumns }
  })
})
afterEach(() => {
  cleanup()
  run.mockReset()
})

async function search(button = 'Find the commit') {
  renderInTable(<FindBrokenCommit />, { detail: DETAIL, search: '?condition=count(*) > 0 -- of all' })
  await userEvent.click(await screen.findByRole('button', { name: button }))
}

describe('The search for the commit that broke it', () => {
  it('ends at the first bad snapshot, with its summary and the way back', async () => {
    valueAt = (snapshot) => snapshot < 6
    await search()
    const found = await screen.findByRole('region', { name: 'Breaking commit' })
    expect(found.textContent).toContain('Became false at snapshot 6')
    expect(found.textContent).toContain('writer-6')
    const back = within(found).getByRole('link', { name: /^Roll back to the snapshot before/ })
    expect(back.getAttribute('href')).toContain('/snapshots?move=main&to=snapshot%3A5')
    // The newest, the oldest, and halves.
    expect(run.mock.calls.length).toBeLessThanOrEqual(6)
    expect(run.mock.calls[0]?.[0]).toMatchObject({
      sql: 'select (\ncount(*) > 0 -- of all\n)\nfrom demo.flights for version as of 9',
      connection: 'local',
      // Every snapshot is read with the current schema.
      readWith: { identifier: { table: 'flights' }, schema: DETAIL.schema },
    })
  })

  it('marks each searched snapshot with its result', async () => {
    valueAt = (snapshot) => snapshot < 6
    await search()
    await screen.findByRole('region', { name: 'Breaking commit' })
    const rows = within(await screen.findByRole('table', { name: 'Searched snapshots' }))
      .getAllByRole('row')
      .slice(1)
    expect(rows).toHaveLength(COUNT)
    const results = rows.map((row) => within(row).getAllByRole('cell')[0]?.textContent)
    // The newest first.
    expect(results.slice(0, 1)).toEqual(['false'])
    expect(results[COUNT - 6]).toBe('false')
    expect(results[COUNT - 5]).toBe('true')
    expect(results).toContain('not tested')
  })

  it('says at which snapshots the condition failed to run, and counts them as neither', async () => {
    valueAt = (snapshot) => (snapshot === 5 ? new AppError('query-failed', 'No column delay.') : snapshot < 6)
    await search()
    const found = await screen.findByRole('region', { name: 'Breaking commit' })
    expect(found.textContent).toContain('at snapshot 6 or at the snapshot before it, where the test failed')
    const steps = screen.getByRole('list', { name: 'Steps of the search' })
    expect(within(steps).getByText('No column delay.').closest('li')?.textContent).toContain('error')
  })

  it.each([
    [null, 'The condition is null, which is neither true nor false.'],
    [7n, 'The condition is not true or false.'],
  ])('does not take %s for true or false', async (value, problem) => {
    valueAt = () => value
    await search()
    expect(await screen.findByText('The test failed at every snapshot.')).toBeTruthy()
    const [step, ...others] = within(screen.getByRole('list', { name: 'Steps of the search' })).getAllByRole('listitem')
    expect(others).toEqual([])
    expect(step?.textContent).toContain(`9 snapshots${problem}`)
  })

  it('says that nothing is broken now', async () => {
    valueAt = () => true
    await search()
    expect(await screen.findByText(/Still true at the newest snapshot, 9\./)).toBeTruthy()
    expect(run).toHaveBeenCalledOnce()
  })

  it('tests every snapshot when the condition may have flipped more often', async () => {
    valueAt = (snapshot) => snapshot % 4 !== 0
    await search('Test every snapshot')
    const found = await screen.findAllByRole('region', { name: 'Breaking commit' })
    expect(found).toHaveLength(2)
    expect(run).toHaveBeenCalledTimes(COUNT)
  })

  it('says that a condition which never holds was not broken by a commit that it can test', async () => {
    valueAt = () => false
    await search()
    expect(await screen.findByText(/Already false at the oldest searched snapshot, 1\./)).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: 'Test every snapshot' }))
    expect(await screen.findByText(/No commit broke the condition/)).toBeTruthy()
  })

  it('walks the branch that is chosen, which is in the address, and offers to roll it back', async () => {
    valueAt = (snapshot) => snapshot < 6
    const onUrlUpdate = vi.fn<OnUrlUpdateFunction>()
    const refs = [...DETAIL.refs, { name: 'audit', type: 'branch' as const, snapshotId: '7' }]
    renderInTable(<FindBrokenCommit />, { detail: { ...DETAIL, refs }, search: '?condition=true', onUrlUpdate })
    await userEvent.click(await screen.findByRole('button', { name: 'Branch: main' }))
    await userEvent.click(await screen.findByRole('menuitemradio', { name: 'audit' }))
    await waitFor(() => expect(onUrlUpdate.mock.calls.at(-1)?.[0].queryString).toContain('branch=audit'))
    await waitFor(() => expect(call.mock.calls.at(-1)?.[1]).toMatchObject({ upTo: '7' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Find the commit' }))
    const found = await screen.findByRole('region', { name: 'Breaking commit' })
    const back = within(found).getByRole('link', { name: /^Roll back/ })
    expect(back.getAttribute('href')).toContain('/snapshots?move=audit&to=snapshot%3A')
    expect(within(found).getByRole('link', { name: /^Compare with/ })).toBeTruthy()
  })

  it.each([
    ['count(*) > 0; drop table x', 'The condition is one expression, so it has no semicolon.'],
    ['count(*) > 0 /* of all', 'The comment that begins here is not closed.'],
  ])('does not begin with %s', async (condition, problem) => {
    renderInTable(<FindBrokenCommit />, { detail: DETAIL, search: `?${new URLSearchParams({ condition })}` })
    await userEvent.click(await screen.findByRole('button', { name: 'Find the commit' }))
    expect(await screen.findByText(problem)).toBeTruthy()
    expect(run).not.toHaveBeenCalled()
  })

  it.each(['Parser error: syntax error at or near ")"', 'Binder error: Referenced column "amount" not found'])(
    'ends at once when the condition fits no snapshot: %s',
    async (message) => {
      valueAt = () => new AppError('query-failed', message)
      await search()
      expect(await screen.findByText(message)).toBeTruthy()
      expect(run).toHaveBeenCalledOnce()
      expect(screen.queryAllByText('testing…')).toEqual([])
      expect(within(screen.getByRole('list', { name: 'Steps of the search' })).getByText('error')).toBeTruthy()
    },
  )

  it.each([
    ['Delay', 'The column “delay” is now called “amount”. Use this name for all snapshots.'],
    ['note', 'The column “note” was removed. No condition can use it.'],
    ['a"b', 'The table has never had a column “a"b”.'],
  ])('says what became of the column that a condition names: %s', async (name, explanation) => {
    const sample = sampleMetadata()
    const [first, ...others] = sample.schemas[0]?.fields ?? []
    if (!first) throw new Error('The sample has no column.')
    const note: NestedField = { id: 900, name: 'note', required: false, type: 'string' }
    const schemas = [
      [{ ...first, name: 'delay' }, ...others, note],
      [{ ...first, name: 'amount' }, ...others],
    ]
    const metadata = writeTableMetadata({
      ...sample,
      schemas: schemas.map((fields, schemaId) => ({ schemaId, identifierFieldIds: [], fields })),
      currentSchemaId: 1,
      lastColumnId: 900,
    })
    const answerOthers = call.getMockImplementation()
    call.mockImplementation(async (endpoint: unknown, input: unknown) =>
      endpoint === getTableLayouts ? { metadata, schemaUses: [] } : answerOthers?.(endpoint, input),
    )
    const message = `Binder error: Referenced column "${name}" not found in FROM clause!`
    valueAt = () => new AppError('query-failed', message)
    await search()
    expect(await screen.findByText(`${message} ${explanation}`)).toBeTruthy()
  })

  it('claims no more than the tested snapshots show', async () => {
    const failure = new AppError('file-missing', 'The file is gone.')
    valueAt = (snapshot) => (snapshot < 4 ? failure : false)
    await search()
    const verdict = await screen.findByText(/^Already false/)
    expect(verdict.textContent).toBe(
      'Already false at the oldest testable snapshot, 4. Error at 3 older snapshots: an earlier commit may have broken it.',
    )
    const failed = screen.getByText('The file is gone.').closest('li')
    expect(failed?.textContent).toContain('error3 snapshots')

    valueAt = (snapshot) => (snapshot > 7 ? failure : true)
    await userEvent.click(screen.getByRole('button', { name: 'Find the commit' }))
    expect((await screen.findByText(/^Still true/)).textContent).toBe(
      'Still true at the newest testable snapshot, 7. Error at 2 newer snapshots.',
    )
    await userEvent.click(screen.getByRole('button', { name: 'Test every snapshot' }))
    expect((await screen.findByText(/^No change/)).textContent).toBe(
      'No change from true to false at 7 testable snapshots. Error at 2 snapshots: the search may have missed a change.',
    )
  })

  it('says which columns of the condition a snapshot did not have', async () => {
    valueAt = (snapshot) => snapshot < 6
    absentAt = (snapshot) => (snapshot < 3 ? ['region'] : [])
    await search()
    await screen.findByRole('region', { name: 'Breaking commit' })
    const [oldest, ...others] = screen.getAllByText(/^region: not in this snapshot/)
    expect(others).toEqual([])
    expect(oldest?.closest('li')?.textContent).toMatch(/^true1/)
  })

  it('reads every snapshot with the current schema, also when the page shows a past state', async () => {
    valueAt = () => true
    const schema = { ...DETAIL.schema, schemaId: 7 }
    const answer = call.getMockImplementation()
    call.mockImplementation(async (endpoint: unknown, ...rest) =>
      endpoint === getTable ? { ...DETAIL, schema } : answer?.(endpoint, ...rest),
    )
    renderInTable(<FindBrokenCommit />, { detail: { ...SAMPLE_PAST, refs: DETAIL.refs }, search: '?condition=true' })
    await userEvent.click(await screen.findByRole('button', { name: 'Find the commit' }))
    await screen.findByText(/Still true/)
    expect(run.mock.calls[0]?.[0]).toMatchObject({ readWith: { schema: { schemaId: 7 } } })
  })

  it('can be cancelled', async () => {
    run.mockImplementation(
      (_: QueryRequest, { signal }: RunOptions) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new AppError('cancelled', 'The query was cancelled.')))
        }),
    )
    await search()
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
    expect(await screen.findByText('The search was cancelled.')).toBeTruthy()
    expect(run).toHaveBeenCalledOnce()
  })
})
