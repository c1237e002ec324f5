// @vitest-environment happy-dom
import { CompletionContext } from '@codemirror/autocomplete'
import { EditorState } from '@codemirror/state'
import { QueryClient } from '@tanstack/react-query'
import { waitFor } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { namespacesQuery, tablesQuery } from '@/lib/client/namespaces'
import { viewsQuery } from '@/lib/client/views'
import type { AsOf } from '@/lib/iceberg/as-of'
import { stubQuerySession } from '@/testing/components/stub-query-session'
import { completeAtCursor } from './table-completion'

const session = { readFields: vi.fn(), listFunctions: vi.fn() }
stubQuerySession(session)

const FIELDS: Record<string, string[]> = { flights: ['origin', 'delay'], airports: ['iata'] }

beforeEach(() => {
  session.readFields.mockImplementation(async ({ table }: { table: string }) =>
    (FIELDS[table] ?? []).map((name, id) => ({ id, name, required: false, type: 'string' })),
  )
  session.listFunctions.mockResolvedValue([
    { name: 'date_trunc', kind: 'scalar', signature: 'part, ts → TIMESTAMP', description: 'Truncates a time.' },
  ])
})

/** The completions at `|`, as `label: detail`. */
async function offeredAt(text: string, asOf: AsOf = {}, isExplicit = true): Promise<string[]> {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } })
  const namespaces = [{ namespace: ['demo'], namespaceCount: 0, tableCount: 1, viewCount: 0 }]
  for (const catalog of ['local', 'prod'])
    client.setQueryData(namespacesQuery(catalog, null).queryKey, { namespaces, skippedCount: 0, isTruncated: false })
  client.setQueryData(namespacesQuery('local', ['demo']).queryKey, {
    namespaces: [],
    skippedCount: 0,
    isTruncated: false,
  })
  client.setQueryData(tablesQuery('local', ['demo']).queryKey, { tables: ['flights'], totalCount: 1, nextOffset: null })
  client.setQueryData(viewsQuery('local', ['demo']).queryKey, { views: ['routes'], totalCount: 1, nextOffset: null })
  const state = EditorState.create({ doc: text.replace('|', '') })
  const context = new CompletionContext(state, text.indexOf('|'), isExplicit)
  const settings = { connections: ['local', 'prod'], connection: 'local', asOf }
  const result = await completeAtCursor(context, client, settings)
  return (result?.options ?? []).map(({ label, detail }) => `${label}: ${detail}`)
}

test('tables of a namespace that has more than a page are those that contain the written text', async () => {
  const client = new QueryClient()
  const found: unknown[] = []
  vi.spyOn(client, 'fetchQuery').mockImplementation(async ({ queryKey }) => {
    const [parent, list, search] = queryKey.slice(-3)
    if (list === 'namespaces') {
      const namespaces = [{ namespace: ['wide'], namespaceCount: 0, tableCount: 0, viewCount: 0 }]
      return { namespaces: parent === 'local' ? namespaces : [], skippedCount: 0, isTruncated: false }
    }
    if (list === 'views') return { views: [], totalCount: 0, nextOffset: null }
    found.push(search)
    return search === '' ? { tables: ['t_0'], nextOffset: 1 } : { tables: ['t_4242'], nextOffset: null }
  })
  const text = 'select * from wide.t_42'
  const context = new CompletionContext(EditorState.create({ doc: text }), text.length, false)
  const result = await completeAtCursor(context, client, { connections: ['local'], connection: 'local', asOf: {} })
  expect(result?.options.map(({ label }) => label)).toEqual(['t_4242'])
  expect(result?.validFor).toBeUndefined()
  expect(found).toEqual(['', 't_42'])
})

test('namespaces of a catalog that lists only a part of them are those that contain the written text', async () => {
  const client = new QueryClient()
  const entry = (name: string) => ({ namespace: [name], namespaceCount: 0, tableCount: 1, viewCount: 0 })
  vi.spyOn(client, 'fetchQuery').mockImplementation(async ({ queryKey }) => {
    const [parent, list, search] = queryKey.slice(-3)
    if (list === 'tables') return { tables: ['t'], nextOffset: null }
    if (list === 'views') return { views: [], nextOffset: null }
    if (parent !== 'local') return { namespaces: [], isTruncated: false }
    return search === ''
      ? { namespaces: [entry('n_0')], isTruncated: true }
      : { namespaces: [entry('n_4242')], isTruncated: false }
  })
  const labelsAt = async (text: string) => {
    const context = new CompletionContext(EditorState.create({ doc: text }), text.length, false)
    const result = await completeAtCursor(context, client, { connections: ['local'], connection: 'local', asOf: {} })
    return result?.options.map(({ label }) => label)
  }
  expect(await labelsAt('select * from n_42')).toContain('n_4242')
  expect(await labelsAt('select * from n_4242.')).toEqual(['t'])
})

test('columns of a common table are those of its query, and of the tables of its star', async () => {
  const text = 'with m as (select *, delay * 2 as twice from demo.flights) select m.| from m'
  expect(await offeredAt(text)).toEqual(['twice: of m', 'origin: string', 'delay: string'])
})

test('columns of a subquery are offered through its alias', async () => {
  expect(await offeredAt('select s.| from (select iata as code from demo.airports) s')).toEqual(['code: of s'])
})

test('after an alias only its columns are offered, after a namespace its tables and views', async () => {
  expect(await offeredAt('select f.| from demo.flights f, demo.airports a')).toEqual([
    'origin: string',
    'delay: string',
  ])
  expect(await offeredAt('select * from demo.|')).toEqual(['flights: table', 'routes: view'])
  expect(await offeredAt('select * from lakeshore.|')).toEqual([
    'commits: collected history',
    'files_daily: collected history',
    'columns_daily: collected history',
  ])
})

test('columns, common tables, connections and the functions of the engine are offered without a qualifier', async () => {
  const text = 'with m as (select 1 as one) select | from m, demo.airports'
  await offeredAt(text)
  await waitFor(async () => expect(await offeredAt(text)).toContain('date_trunc: function'))
  expect(await offeredAt(text)).toEqual(
    expect.arrayContaining(['iata: string', 'one: of m', 'm: in this query', 'demo: namespace', 'prod: connection']),
  )
})

test('columns are those that a table had at the version of the tab, unless the text names another', async () => {
  session.readFields.mockImplementation(async (_table: unknown, asOf: AsOf) => [
    { id: 1, name: `of_${asOf.ref ?? asOf.snapshotId ?? 'now'}`, required: false, type: 'string' },
  ])
  const plain = 'select f.| from demo.flights f'
  expect(await offeredAt(plain)).toEqual(['of_now: string'])
  expect(await offeredAt(plain, { ref: 'q1' })).toEqual(['of_q1: string'])
  expect(await offeredAt('select f.| from demo.flights for version as of 7 f', { ref: 'q1' })).toEqual(['of_7: string'])
  const derived = 'with m as (select * from demo.flights) select m.| from m'
  expect(await offeredAt(derived, { ref: 'q1' })).toEqual(['of_q1: string'])
})

test('a finished word offers nothing by itself', async () => {
  const typed = (text: string) => offeredAt(text, {}, false)
  expect(await typed('select ori| from demo.flights')).toContain('origin: string')
  expect(await typed('select origin| from demo.flights')).toEqual([])
  expect(await typed('select f.delay| from demo.flights f')).toEqual([])
  expect(await typed('select| from demo.flights')).toEqual([])
  // A new name, which no known one replaces.
  for (const text of [
    'select delay d| from demo.flights',
    'select 1 as d| from demo.flights',
    'select max(delay) d| from demo.flights',
    'from demo.flights d|',
    'from (select delay from demo.flights) d|',
  ])
    expect(await typed(text)).toEqual([])
  expect(await typed('select distinct ori| from demo.flights')).toContain('origin: string')
  expect(await offeredAt('select origin| from demo.flights')).toContain('origin: string')
})
