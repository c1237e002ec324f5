import { expect, it } from 'vitest'
import { searchHits } from './search'

const lake = {
  catalogs: [],
  namespaces: [
    { catalog: 'lake', namespace: ['sales'] },
    { catalog: 'lake', namespace: ['sales', 'eu'] },
  ],
  tables: [
    { catalog: 'lake', namespace: ['sales'], table: 'orders' },
    { catalog: 'lake', namespace: ['sales', 'eu'], table: 'reorders' },
    { catalog: 'lake', namespace: ['sales', 'eu'], table: 'orders' },
  ],
  isCut: false,
}
const labels = (words: string) =>
  searchHits(lake, words).hits.map(({ namespace, table }) => [...namespace, table ?? '*'].join('.'))

it('puts names that begin with the word before names that hold it', () => {
  expect(labels('ord')).toEqual(['sales.orders', 'sales.eu.orders', 'sales.eu.reorders'])
})

it('wants every word, in any case and across levels', () => {
  expect(labels('EU orders')).toEqual(['sales.eu.orders', 'sales.eu.reorders'])
  expect(labels('nothing like it')).toEqual([])
})

it('finds namespaces too', () => {
  expect(labels('sales')[0]).toBe('sales.*')
})

it('says when the lake was too large to look through', () => {
  expect(searchHits({ ...lake, isCut: true }, 'orders').isCut).toBe(true)
})
