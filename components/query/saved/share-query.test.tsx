// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test } from 'vitest'
import { parseLinkedDisplay } from '@/lib/client/query/query-display'
import { parseLinkedParameters } from '@/lib/client/query/query-parameters'
import { DEFAULT_DISPLAY } from '@/lib/query/result-display'
import { render } from '@/testing/components/render'
import type { SharedQuery } from './share-popover'
import { ShareQuery } from './share-query'

afterEach(cleanup)

const valueOf = (name: string) => ({ name, type: 'number', isList: false, text: '9007199254740993' }) as const
const DISPLAY = {
  view: 'both' as const,
  chart: { kind: 'line' as const, x: 'd', y: ['n'], series: 'origin', aggregation: null },
}
const OPENED = {
  queryId: 'q1',
  version: 3,
  name: 'Delays',
  sql: 'select $late',
  owner: 'ada',
  isShared: true,
  isOwn: true,
  canChange: true,
  parameters: [],
  folder: null,
  connection: 'local',
  display: null,
}

async function openShare(query: Partial<SharedQuery> = {}) {
  const sql = query.sql ?? 'select $late'
  const parameters = [valueOf('other'), valueOf('late')]
  const shared = { sql, toPortableSql: () => sql, opened: null, parameters, display: DISPLAY, asOf: null, ...query }
  const user = userEvent.setup()
  render(<ShareQuery query={shared} />)
  await user.click(screen.getByRole('button', { name: 'Share' }))
  await screen.findByRole('dialog', { name: 'Share' })
  return user
}
const link = () => new URL(screen.getByRole<HTMLInputElement>('textbox', { name: 'Link' }).value)

test('A link to a text has the values that it names and the chart, unless the user takes them out', async () => {
  const user = await openShare()
  expect(link().searchParams.get('sql')).toBe('select $late')
  expect(parseLinkedParameters(link().searchParams.get('parameters') ?? '')).toEqual([valueOf('late')])
  expect(parseLinkedDisplay(link().searchParams.get('display') ?? '')).toEqual(DISPLAY)
  await user.click(screen.getByRole('checkbox', { name: 'With the value of $late' }))
  await user.click(screen.getByRole('checkbox', { name: 'With the chart of the result' }))
  expect([...link().searchParams.keys()]).toEqual(['sql'])
  await user.click(screen.getByRole('button', { name: 'Copy link' }))
  expect(await navigator.clipboard.readText()).toBe(`${window.location.origin}/query?sql=select+%24late`)
})

test('A saved query is shared by its address, which brings values and a chart only if the user adds them', async () => {
  const user = await openShare({ opened: OPENED })
  expect(link().search).toBe('?saved=q1')
  expect(screen.getByText(/Everyone who may read what it names can open it/)).toBeDefined()
  expect(screen.queryByText(/changes are not saved/)).toBeNull()
  await user.click(screen.getByRole('checkbox', { name: 'With the chart of the result' }))
  expect([...link().searchParams.keys()]).toEqual(['saved', 'display'])
  await user.click(screen.getByRole('radio', { name: 'This text' }))
  expect(link().searchParams.get('sql')).toBe('select $late')
})

test('A link to a text reads the tables as the tab does, unless the user wants them as they are then', async () => {
  const user = await openShare({ asOf: { ref: 'q1-close' }, display: DEFAULT_DISPLAY })
  expect(link().searchParams.get('asOf')).toBe('ref:q1-close')
  await user.click(screen.getByRole('checkbox', { name: 'As of q1-close' }))
  expect(link().searchParams.has('asOf')).toBe(false)
  expect(screen.getByText('The link reads the tables as they are when it is opened.')).toBeDefined()
  cleanup()
  await openShare({ asOf: { atMs: 1_763_560_931_000 }, opened: OPENED })
  expect(link().search).toBe('?saved=q1')
  expect(screen.getByRole('checkbox', { name: /^As of .*2025/ })).toHaveProperty('checked', false)
})

test('It says when changes are not in the link, and when only the user can open it', async () => {
  await openShare({ opened: { ...OPENED, isShared: false }, sql: 'select 2' })
  expect(screen.getByText(/Only you can open it.*changes are not saved/)).toBeDefined()
})

test('A text that is too long for an address has no link, and a usual view and a missing value no choice', async () => {
  await openShare({ sql: 'x'.repeat(6001), display: DEFAULT_DISPLAY })
  expect(screen.getByText(/too long for a link/)).toBeDefined()
  expect(screen.queryByRole('textbox')).toBeNull()
  expect(screen.queryByRole('checkbox')).toBeNull()
})

test('An empty text is not shared', () => {
  const query = {
    sql: ' ',
    toPortableSql: () => ' ',
    opened: null,
    parameters: [],
    display: DEFAULT_DISPLAY,
    asOf: null,
  }
  render(<ShareQuery query={query} />)
  expect(screen.getByRole('button', { name: 'Share' })).toHaveProperty('disabled', true)
})
