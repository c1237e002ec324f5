import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import { refreshQueries, REVIEW_META } from './refresh-queries'

it('A request that was carried out reads everything again except reviews, and a failure reads those, too', async () => {
  const client = new QueryClient()
  const read: string[] = []
  const observe = (name: string, meta = {}) =>
    new QueryObserver(client, { queryKey: ['table', name], queryFn: () => read.push(name), meta }).subscribe(() => {})
  observe('rows')
  observe('move', REVIEW_META)
  await expect.poll(() => read.toSorted()).toEqual(['move', 'rows'])
  await refreshQueries(client, [['table']], { hasFailed: false })
  expect(read.toSorted()).toEqual(['move', 'rows', 'rows'])
  await refreshQueries(client, [['table']], { hasFailed: true })
  expect(read.toSorted()).toEqual(['move', 'move', 'rows', 'rows', 'rows'])
  client.clear()
})
