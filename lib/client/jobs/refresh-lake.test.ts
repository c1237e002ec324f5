import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import { keys } from '../keys'
import { refreshLake } from './refresh-lake'

const TABLE = { catalog: 'local', namespace: ['demo'], table: 'flights' }
const LIST = [...keys.namespace('local', ['demo']), 'tables']
const OPEN = [...keys.table(TABLE), 'detail']
const VISITED = [...keys.table({ ...TABLE, table: 'trips' }), 'detail']

it.each([
  ['a run of a table', { table: TABLE, bulkChange: null }],
  ['a change of many tables', { table: null, bulkChange: { catalog: 'local', bulkChangeId: 'b' } }],
])('After %s, lists are read again, and an open page keeps the state of its table', async (_, run) => {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } })
  const read: string[] = []
  const query = (queryKey: readonly unknown[]) => ({
    queryKey,
    queryFn: () => {
      read.push(String(queryKey.at(-2)))
      return 'data'
    },
  })
  const observe = (queryKey: readonly unknown[]) =>
    new QueryObserver(client, { ...query(queryKey), initialData: 'known' }).subscribe(() => undefined)
  const stop = [observe(LIST), observe(OPEN)]
  await client.prefetchQuery(query(VISITED))
  expect(read).toEqual(['trips'])
  refreshLake(client, run)
  expect(read, 'what no page shows is not requested').toEqual(['trips', 'demo'])
  expect(client.getQueryState(OPEN)?.isInvalidated).toBe(false)
  expect(client.getQueryState(VISITED)?.isInvalidated, 'read when its page is opened again').toBe(true)
  for (const end of stop) end()
})
