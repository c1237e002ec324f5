import { expect, it } from 'vitest'
import { searchHits } from './search'

const lake = {
  namespaces: [
    { catalog: 'lake', namespace: ['sales'] },
    { catalog: 'lake', namespace: ['sales', 'eu'] },
  ],
  tables: [
    { catalog: 'lake', namespace: ['sales'], table: 'orders' },
    { catalog: 'lake', namespace: ['sales', 'eu'], table: 'reorders' },
    { catalog: 'lake', namespace: ['sales', 'eu'], table: 'orders' },
  ],
  views: [{ catalog: 'lake', namespace: ['sales'], view: 'newest_orders' }],
  isCut: false,
}
const labels = (words: string) =>
  searchHits(lake, words).hits.map(({ namespace, entry }) => [...namespace, entry?.name ?? '*'].join('.'))

it('lists names that begin with the word before names that contain it', () => {
  expect(labels('ord')).toEqual(['sales.orders', 'sales.eu.orders', 'sales.eu.reorders', 'sales.newest_orders'])
})

it('requires every word, in any case and across levels', () => {
  expect(labels('EU orders')).toEqual(['sales.eu.orders', 'sales.eu.reorders'])
  expect(labels('nothing like it')).toEqual([])
})

it('finds namespaces and views too, with their kind', () => {
  expect(labels('sales')[0]).toBe('sales.*')
  expect(searchHits(lake, 'newest').hits.map(({ entry }) => entry)).toEqual([{ kind: 'view', name: 'newest_orders' }])
})

it('reports when the lake was too large to search completely', () => {
  expect(searchHits({ ...lake, isCut: true }, 'orders').isCut).toBe(true)
})
