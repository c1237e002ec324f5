import { expect, it } from 'vitest'
import { pageAfterSignIn, paths, placeFromPathname, tableFromParams, titleFromParams, viewFromParams } from './paths'

it.each([
  { catalog: 'prod', namespace: ['sales'], table: 'orders' },
  { catalog: 'prod', namespace: ['a.b', 'c/d'], table: '100% events' },
  { catalog: 'é', namespace: ['x', 'y', 'z'], table: 'a?b#c' },
])('reads back the name it wrote: $table', (ref) => {
  const [, , catalog, , namespace, , table] = paths.table(ref).split('/')
  expect(tableFromParams({ catalog: catalog!, namespace: namespace!, table: table! })).toEqual(ref)
  const view = paths.view(ref).split('/').at(-1)
  expect(viewFromParams({ catalog: catalog!, namespace: namespace!, view: view! })).toEqual(ref)
})

it.each(['/', '/catalogs/a/namespaces/b%1Fc/tables/d?ref=main', '/query?sql=select+1#end'])(
  'goes on to a page of the console after sign-in: %s',
  (page) => {
    const next = new URL(paths.login(page), 'http://test').searchParams.get('next')
    expect(pageAfterSignIn(next)).toBe(page)
  },
)

it.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/\t/evil.example/',
  '/.//evil.example/',
  '/a/..//evil.example',
  'javascript:alert(1)',
  '/api/v1/session',
  '/login?next=/login',
  'catalogs',
])('stays at home when sign-in is asked to go on to %j', (next) => {
  expect(pageAfterSignIn(next)).toBe('/')
})

it('reads an address back to what it is about', () => {
  const ref = { catalog: 'prod', namespace: ['a.b', 'c/d'], table: '100% events' }
  expect(placeFromPathname(paths.table(ref, 'data'))).toEqual({ ...ref, tab: 'data' })
  expect(placeFromPathname(paths.table(ref))).toEqual(ref)
  const { table: view, ...place } = ref
  expect(placeFromPathname(paths.view(ref))).toEqual({ ...place, view })
  expect(placeFromPathname(paths.namespace('prod', ['x', 'y']))).toEqual({ catalog: 'prod', namespace: ['x', 'y'] })
  expect(placeFromPathname(paths.catalog('é'))).toEqual({ catalog: 'é' })
  expect(placeFromPathname('/dashboards/ingestion')).toEqual({})
})

it('titles a page by the last of what its address names', () => {
  const place = { catalog: 'prod', namespace: 'a.b\x1Fc' }
  expect(titleFromParams({ catalog: 'prod' })).toBe('prod')
  expect(titleFromParams(place)).toBe('a.b.c')
  expect(titleFromParams({ ...place, table: 'orders' })).toBe('a.b.c.orders')
  expect(titleFromParams({ ...place, view: 'newest' })).toBe('a.b.c.newest')
})
