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
])('After %s, lists are read again, and an open page keeps the state of its table', (_, run) => {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } })
  const read: string[] = []
  const observe = (queryKey: readonly unknown[]) =>
    new QueryObserver(client, {
      queryKey,
      initialData: 'known',
      queryFn: () => {
        read.push(String(queryKey.at(-2)))
        return 'new'
      },
    }).subscribe(() => undefined)
  const stop = [observe(LIST), observe(OPEN)]
  client.setQueryData(VISITED, 'known')
  refreshLake(client, run)
  expect(read).toEqual(['demo'])
  expect(client.getQueryState(OPEN)?.isInvalidated).toBe(false)
  expect(client.getQueryState(VISITED)?.isInvalidated, 'read when its page is opened again').toBe(true)
  for (const end of stop) end()
})
