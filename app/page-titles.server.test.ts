import { beforeEach, expect, it, vi } from 'vitest'
import { entryMetadata, tabMetadata } from './page-titles'

const fetchForPage = vi.fn<(endpoint: unknown, url: string) => Promise<Response>>()
vi.mock('@/server/program/fetch-for-page', () => ({
  fetchForPage: (endpoint: unknown, url: string) => fetchForPage(endpoint, url),
}))

beforeEach(() => fetchForPage.mockReset())

const catalog = (name: string) => ({
  name,
  kind: 'embedded',
  warehouse: null,
  namespaceCount: null,
  abilities: [],
  problem: null,
})
const params = Promise.resolve({ catalog: 'prod', namespace: 'demo', table: 'flights' })

it('names the catalog in titles only when the user may enter another', async () => {
  fetchForPage.mockResolvedValueOnce(Response.json({ catalogs: [catalog('prod')] }))
  expect(await tabMetadata('data')({ params })).toEqual({ title: 'Data · demo.flights' })
  fetchForPage.mockResolvedValueOnce(Response.json({ catalogs: [catalog('prod'), catalog('test')] }))
  expect(await tabMetadata('data')({ params })).toEqual({ title: 'Data · demo.flights · prod' })
})

it('gives a page a title when the catalogs are not known', async () => {
  fetchForPage.mockRejectedValueOnce(new Error('No program'))
  expect(await entryMetadata({ params: Promise.resolve({ catalog: 'prod', namespace: 'demo' }) })).toEqual({
    title: 'Namespace · demo',
  })
})
