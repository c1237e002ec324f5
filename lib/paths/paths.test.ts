import { expect, it } from 'vitest'
import { asViewIdentifier } from '@/lib/names/identifiers'
import {
  asOfFromQuery,
  asOfQuery,
  pageAfterSignIn,
  paths,
  targetFromPathname,
  tableFromParams,
  titleFromParams,
  viewFromParams,
} from './paths'
import { asOfFromText, asOfText } from './snapshot-paths'

it.each([
  { catalog: 'prod', namespace: ['sales'], table: 'orders' },
  { catalog: 'prod', namespace: ['a.b', 'c/d'], table: '100% events' },
  { catalog: 'é', namespace: ['x', 'y', 'z'], table: 'a?b#c' },
])('reads back the name it wrote: $table', (identifier) => {
  const [, , catalog, , namespace, , table] = paths.table(identifier).split('/')
  expect(tableFromParams({ catalog: catalog!, namespace: namespace!, table: table! })).toEqual(identifier)
  const viewIdentifier = asViewIdentifier(identifier)
  const view = paths.view(viewIdentifier).split('/').at(-1)
  expect(viewFromParams({ catalog: catalog!, namespace: namespace!, view: view! })).toEqual(viewIdentifier)
})

it.each(['/', '/catalogs/a/namespaces/b%1Fc/tables/d?ref=main', '/query?sql=select+1#end'])(
  'goes to a page of the console after sign-in: %s',
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
])('goes to the home page instead of %j after sign-in', (next) => {
  expect(pageAfterSignIn(next)).toBe('/')
})

it('reads the target of an address', () => {
  const identifier = { catalog: 'prod', namespace: ['a.b', 'c/d'], table: '100% events' }
  expect(targetFromPathname(paths.table(identifier, 'data'))).toEqual({ ...identifier, tab: 'data' })
  expect(targetFromPathname(paths.table(identifier))).toEqual(identifier)
  const viewIdentifier = asViewIdentifier(identifier)
  expect(targetFromPathname(paths.view(viewIdentifier))).toEqual(viewIdentifier)
  expect(targetFromPathname(paths.namespace('prod', ['x', 'y']))).toEqual({ catalog: 'prod', namespace: ['x', 'y'] })
  expect(targetFromPathname(paths.catalog('é'))).toEqual({ catalog: 'é' })
  expect(targetFromPathname('/dashboards/ingestion')).toEqual({})
})

it('titles a page by the last name in its address', () => {
  const params = { catalog: 'prod', namespace: 'a.b\x1Fc' }
  expect(titleFromParams({ catalog: 'prod' })).toBe('Catalog · prod')
  expect(titleFromParams(params)).toBe('Namespace · a.b.c')
  expect(titleFromParams({ ...params, view: 'newest' })).toBe('View · a.b.c.newest')
})

it('names the catalog in the title when the same name may exist in another', () => {
  const params = { catalog: 'prod', namespace: 'demo', table: 'flights' }
  expect(titleFromParams(params, { subject: 'Data', namesCatalog: true })).toBe('Data · demo.flights · prod')
  expect(titleFromParams(params, { subject: 'Data' })).toBe('Data · demo.flights')
  expect(titleFromParams({ catalog: 'prod' }, { namesCatalog: true })).toBe('Catalog · prod')
})

it('writes a time of an address with its offset, and reads times and milliseconds', () => {
  const atMs = Date.UTC(2026, 10, 23, 0, 35)
  expect(asOfQuery({ atMs })).toBe('?at=2026-11-23T00:35:00Z')
  for (const at of [
    '2026-11-23T00:35:00Z',
    '2026-11-23T01:35:00+01:00',
    '2026-11-23T01%3A35%3A00%2B01%3A00',
    String(atMs),
  ])
    expect(asOfFromQuery(new URLSearchParams(`at=${at}`))).toEqual({ asOf: { atMs }, problem: null })
})

it.each([
  ['2026-11-23T00:35:00', '“2026-11-23T00:35:00” has no offset. Write ?at=2026-11-23T00:35:00Z for UTC, or an offset'],
  ['2026-11-23', '“2026-11-23” has no offset. Write ?at=2026-11-23T00:00:00Z for UTC'],
  ['soon', '“soon” is not a time. Write it with its offset, such as ?at=2026-11-23T00:35:00Z.'],
])('refuses ?at=%s and says how to write it', (at, problem) => {
  expect(asOfFromQuery(new URLSearchParams({ at }))).toEqual({ asOf: {}, problem: expect.stringContaining(problem) })
})

it('writes and reads a time as one text', () => {
  const atMs = Date.UTC(2026, 10, 23, 0, 35, 0, 517)
  expect(asOfText({ atMs })).toBe('at:2026-11-23T00:35:00.517Z')
  expect(asOfFromText(asOfText({ atMs }))).toEqual({ atMs })
  expect(asOfFromText('at:1609459200000')).toEqual({ atMs: 1_609_459_200_000 })
  expect(asOfFromText('at:2026-11-23T00:35:00')).toBeNull()
})
