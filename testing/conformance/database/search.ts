import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FoundEntry } from '@/lib/search/found-entries'
import { parseSearch } from '@/lib/search/parse-search'
import { type Database, UnexpectedChanges } from '@/server/db/database'
import { foldText } from '@/lib/search/fold-text'
import { readFacetObjects, readFacets } from '@/server/db/search/facets'
import { findHits } from '@/server/db/search/find-hits'
import { indexedCatalogChange, readIndexedCatalogs, removeIndexedCatalog } from '@/server/db/search/indexed-catalogs'
import {
  type IndexedObject,
  listIndexedObjects,
  readIndexedNames,
  readTableSizes,
  removeIndexedObject,
  saveIndexedObject,
} from '@/server/db/search/indexed-objects'
import {
  pendingObjectChange,
  postponePendingObject,
  type SearchObjectName,
  takePendingObjects,
} from '@/server/db/search/pending-objects'
import { readIndexedViews, readTablesWithProperty } from '@/server/db/search/sql-objects'
import { readSimilarObjects } from '@/server/db/search/similar-objects'
import type { SearchScope } from '@/server/db/search/search-scope'
import type { Resource } from '@/lib/permissions'
import type { OpenDatabase } from './testbed'

const EVERYTHING: SearchScope = { catalogs: ['lake'], tables: [{}], namespaceDetails: [{}], reached: [{}] }

function scopeOf(...resources: Resource[]): SearchScope {
  return { catalogs: ['lake'], tables: resources, namespaceDetails: resources, reached: resources }
}

export function describeSearch(open: OpenDatabase): void {
  describe('the search index', () => {
    let database: Database
    let version = 0
    beforeAll(async () => {
      database = await open()
    })
    afterAll(() => database.close())

    async function save(object: SearchObjectName, indexed: Partial<IndexedObject> = {}): Promise<void> {
      version += 1
      await database.commit([pendingObjectChange(object, { version })])
      await saveIndexedObject(
        database,
        { ...object, version },
        { kind: 'table', metadataLocation: 'm1', changedAtMs: 1, entries: [], isTruncated: false, ...indexed },
      )
    }
    const column = (name: string, detail: string | null = null): FoundEntry => ({
      kind: 'column',
      name,
      detail,
      target: '1',
    })
    const toTable = (namespace: string[], name: string) => ({ catalog: 'lake', namespace, name })
    const find = async (words: string, scope = EVERYTHING) => {
      const { hits } = await findHits(database, parseSearch(words), scope)
      const labels = hits.map(({ object, entry }) =>
        [[...object.namespace, object.name ?? ''].join('.'), ...(entry ? [`${entry.kind}=${entry.name}`] : [])].join(
          ' ',
        ),
      )
      return [...new Set(labels)].sort()
    }

    it('counts the tables of each owner, and pages through them, within the scope', async () => {
      const owner = (name: string, target: string | null = null): FoundEntry => ({
        kind: 'owner',
        name,
        detail: null,
        target,
      })
      await save(toTable(['facets', 'a'], 'one'), { entries: [owner('Équipe'), owner('of a column', '1')] })
      await save(toTable(['facets', 'a'], 'two'), { entries: [owner('equipe')], kind: 'view' })
      await save(toTable(['facets', 'b'], 'three'), { entries: [owner('EQUIPE'), owner('other')] })
      const inFacets = scopeOf({ catalog: 'lake', namespace: ['facets'] })
      const counts = async (scope: SearchScope, limit = 10, search = '') =>
        (await readFacets(database, 'owner', { scope, search, limit })).map(({ name, count }) => [
          foldText(name),
          count,
        ])
      expect(await counts(inFacets)).toEqual([
        ['equipe', 3],
        ['other', 1],
      ])
      expect(await counts(inFacets, 1)).toEqual([['equipe', 3]])
      expect(await counts(inFacets, 1, 'THÉR')).toEqual([['other', 1]])
      expect(await counts(inFacets, 1, '%')).toEqual([])
      expect(await counts(scopeOf({ catalog: 'lake', namespace: ['facets', 'b'] }))).toEqual([
        ['equipe', 1],
        ['other', 1],
      ])
      const page = (offset: number) =>
        readFacetObjects(database, { kind: 'owner', name: 'équipe' }, { scope: inFacets, offset, limit: 2 })
      expect((await page(0)).map(({ kind, table }) => `${kind} ${table}`)).toEqual(['table one', 'view two'])
      expect(await page(2)).toEqual([{ kind: 'table', catalog: 'lake', namespace: ['facets', 'b'], table: 'three' }])
    })

    it('finds the objects of a namespace whose names are the same without case and accents', async () => {
      for (const name of ['Été', 'ETE', 'etes']) await save(toTable(['cases'], name))
      await save(toTable(['cases', 'inner'], 'ete'))
      await save(toTable(['cases'], 'éte'), { kind: 'view' })
      const similar = await readSimilarObjects(database, { catalog: 'lake', namespace: ['cases'], table: 'ete' })
      expect(similar.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
        { kind: 'table', name: 'ETE' },
        { kind: 'table', name: 'Été' },
        { kind: 'view', name: 'éte' },
      ])
      expect(await readSimilarObjects(database, { catalog: 'other', namespace: ['cases'], table: 'ete' })).toEqual([])
    })

    it('lists views with their files, and tables with a property of a prefix, within the scope and the limit', async () => {
      const property = (name: string): FoundEntry => ({ kind: 'property', name, detail: '1', target: null })
      await save(toTable(['texts'], 'b_view'), { kind: 'view', metadataLocation: 'm9' })
      await save(toTable(['texts'], 'a_view'), { kind: 'view', metadataLocation: null })
      await save(toTable(['texts'], 'checked'), {
        entries: [property('lakeshore.check.a'), property('lakeshore.check.b')],
      })
      await save(toTable(['texts'], 'near'), { entries: [property('lakeshore.checked'), property('lakeshore.check')] })
      const scope = scopeOf({ catalog: 'lake', namespace: ['texts'] })
      const view = (table: string, metadataLocation: string | null) => ({
        catalog: 'lake',
        namespace: ['texts'],
        table,
        metadataLocation,
      })
      expect(await readIndexedViews(database, { scope, limit: 10 })).toEqual([
        view('a_view', null),
        view('b_view', 'm9'),
      ])
      expect(await readIndexedViews(database, { scope, limit: 1 })).toEqual([view('a_view', null)])
      const ofPrefix = (one: SearchScope) =>
        readTablesWithProperty(database, 'lakeshore.check.', { scope: one, limit: 10 })
      const checked = { catalog: 'lake', namespace: ['texts'], table: 'checked' }
      expect(await ofPrefix(scope)).toEqual([checked])
      expect(await ofPrefix(scopeOf({ catalog: 'lake', namespace: ['texts'], table: 'near' }))).toEqual([])
      expect(await ofPrefix(EVERYTHING)).toEqual([checked])
    })

    it('finds names by their beginnings and parts, and ids by their beginnings only', async () => {
      const snapshot: FoundEntry = { kind: 'snapshot', name: '9007199254740993123', detail: 'append', target: null }
      await save({ catalog: 'lake', namespace: ['sales'], name: null }, { kind: 'namespace', metadataLocation: null })
      await save(toTable(['sales'], 'orders'), { entries: [column('unit_price', 'in euro'), snapshot] })
      await save(toTable(['sales', 'eu'], 'Späte_Bestellungen'), { entries: [column('価格表')] })
      expect(await find('orders')).toEqual(['sales.orders'])
      expect(await find('rder')).toEqual(['sales.orders'])
      expect(await find('spate')).toEqual(['sales.eu.Späte_Bestellungen'])
      expect(await find('bestell')).toEqual(['sales.eu.Späte_Bestellungen'])
      expect(await find('price')).toEqual(['sales.orders column=unit_price'])
      expect(await find('euro')).toEqual(['sales.orders column=unit_price'])
      expect(await find('orders price')).toEqual(['sales.orders column=unit_price'])
      expect(await find('price eu')).toEqual(['sales.orders column=unit_price'])
      expect(await find('格表')).toEqual(['sales.eu.Späte_Bestellungen column=価格表'])
      expect(await find('9007199254740993')).toEqual(['sales.orders snapshot=9007199254740993123'])
      expect(await find('740993123')).toEqual([])
      expect(await find('table:price')).toEqual([])
      expect(await find('column:')).toEqual([
        'sales.eu.Späte_Bestellungen column=価格表',
        'sales.orders column=unit_price',
      ])
      expect(await find('or')).toEqual(['sales.orders'])
    })

    it('has no syntax in words', async () => {
      for (const words of [
        '"orders',
        'orders*',
        'NEAR(orders)',
        'orders OR x',
        "'orders'",
        'o%rs',
        'o_ders',
        '{',
        '\\',
      ]) {
        expect(await find(words), words).toEqual([])
      }
    })

    it('finds only what the scope covers, whatever is around it', async () => {
      expect(await find('sales', scopeOf({ catalog: 'lake', namespace: ['sales'], table: 'orders' }))).toEqual([
        'sales.',
        'sales.orders',
      ])
      expect(await find('eu', scopeOf({ catalog: 'lake', namespace: ['sales', 'eu'] }))).toEqual([
        'sales.eu.Späte_Bestellungen',
      ])
      expect(await find('orders', scopeOf({ catalog: 'other' }))).toEqual([])
      expect(await find('orders', { ...EVERYTHING, catalogs: [] })).toEqual([])
    })

    it('finds the one table that the scope covers among many', async () => {
      for (let i = 0; i < 70; i += 1) await save(toTable(['many'], `part_${i}`), { entries: [column('weight')] })
      const scope = scopeOf({ catalog: 'lake', namespace: ['many'], table: 'part_69' })
      expect(await find('weight', scope)).toEqual(['many.part_69 column=weight'])
      expect(await find('part', scope)).toEqual(['many.part_69'])
      expect((await find('weight')).length).toBe(70)
    })

    it('lists the newest objects when there are no words', async () => {
      await save(toTable(['sales'], 'orders'), { changedAtMs: 5, entries: [column('unit_price', 'in euro')] })
      const { hits } = await findHits(database, parseSearch(' '), EVERYTHING)
      expect(hits[0]?.object.name).toBe('orders')
    })

    it('replaces what is no longer in an object', async () => {
      await save(toTable(['sales'], 'orders'), { metadataLocation: 'm2', entries: [column('gross'), column('gross')] })
      expect(await find('price')).toEqual([])
      expect(await find('gross')).toEqual(['sales.orders column=gross'])
      await save(toTable(['sales'], 'orders'), { metadataLocation: 'm2', entries: [column('gross')] })
      expect((await findHits(database, parseSearch('gross'), EVERYTHING)).hits.length).toBe(2) // by beginning and by part
      expect((await readIndexedNames(database, 'lake', ['sales'])).get('orders')).toBe('m2')
    })

    it('is not written when the object has changed again, or was indexed by another worker', async () => {
      const table = toTable(['sales'], 'orders')
      await database.commit([pendingObjectChange(table, { version: 1_000_000 })])
      const [taken] = await takePendingObjects(database, 10)
      expect(taken).toMatchObject({ ...table, version: 1_000_000 })
      // Another worker leaves it to the worker that took it.
      expect(await takePendingObjects(database, 10)).toEqual([])
      await database.commit([pendingObjectChange(table, { version: 1_000_001 })])
      await expect(removeIndexedObject(database, { ...table, version: 1_000_000 })).rejects.toThrow(UnexpectedChanges)
      expect(await find('orders')).toEqual(['sales.orders'])
      const [again] = await takePendingObjects(database, 10)
      if (!again) throw new Error('the object is not pending')
      await database.commit([postponePendingObject(again, 60_000)])
      expect(await takePendingObjects(database, 10)).toEqual([])
      await removeIndexedObject(database, { ...table, version: 1_000_001 })
      expect(await find('gross')).toEqual([])
    })

    it('has the sizes of the tables of a catalog, as far as they are known', async () => {
      const size = { liveBytes: 9_007_199_254_740_991, dataFileCount: 0 }
      const object = (name: string) => ({ ...toTable(['a.b', 'sizes'], name), catalog: 'sized' })
      await save(object('known'), { size })
      await save(object('unknown'))
      await save(object('no_table'), { kind: 'view' })
      const found = await readTableSizes(database, 'sized')
      expect(found.toSorted((a, b) => (a.table < b.table ? -1 : 1))).toEqual([
        { namespace: ['a.b', 'sizes'], table: 'known', size },
        { namespace: ['a.b', 'sizes'], table: 'unknown', size: { liveBytes: null, dataFileCount: null } },
      ])
      await save(object('known'))
      expect(await readTableSizes(database, 'sized')).toContainEqual(
        expect.objectContaining({ table: 'known', size: { liveBytes: null, dataFileCount: null } }),
      )
    })

    it('is removed with its catalog', async () => {
      await database.commit([indexedCatalogChange({ catalog: 'lake', source: 'embedded', isTruncated: false })])
      expect(await readIndexedCatalogs(database)).toMatchObject([
        { catalog: 'lake', source: 'embedded', isTruncated: false },
      ])
      const first = await listIndexedObjects(database, 'lake', { after: null, limit: 2 })
      expect(first).toHaveLength(2)
      expect((await listIndexedObjects(database, 'lake', { after: first[1] ?? null, limit: 1 }))[0]).not.toEqual(
        first[1],
      )
      await removeIndexedCatalog(database, 'lake')
      expect(await find('weight')).toEqual([])
      expect(await readIndexedCatalogs(database)).toEqual([])
    })
  })
}
