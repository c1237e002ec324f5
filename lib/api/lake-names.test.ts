import { afterEach, expect, test, vi } from 'vitest'
import { lakeNames } from './lake-names'

afterEach(() => vi.unstubAllGlobals())

const options = { signal: new AbortController().signal, isRetry: false }

function answer(respond: (url: URL) => Response): void {
  vi.stubGlobal('fetch', async (url: string) => respond(new URL(url, 'http://lakeshore')))
}

test('lists all pages of the tables in a namespace', async () => {
  answer(({ pathname, searchParams }) => {
    expect(pathname).toBe('/api/v1/catalogs/local/namespaces/demo/tables')
    const offset = Number(searchParams.get('offset'))
    const page = offset === 0 ? { tables: ['a', 'b'], nextOffset: 2 } : { tables: ['c'], nextOffset: null }
    return Response.json({ ...page, totalCount: 3 })
  })
  expect(await lakeNames.listTables('local', ['demo'], options)).toEqual(['a', 'b', 'c'])
})

test('lists no views of a catalog without views, and fails with other failures', async () => {
  const fail = (code: string, status: number) =>
    answer(() => Response.json({ detail: code, code, facts: {}, requestId: 'r' }, { status }))
  fail('not-supported', 501)
  expect(await lakeNames.listViews('local', ['demo'], options)).toEqual([])
  fail('not-found', 404)
  await expect(lakeNames.listViews('local', ['demo'], options)).rejects.toMatchObject({ code: 'not-found' })
})
