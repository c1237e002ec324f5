import { describe, expect, it } from 'vitest'
import { findPartUses } from './partly-loaded-lists'
import { listSources, parseSource, readSource } from './sources'

it('The project filters and sorts no list of which only some pages are loaded', () => {
  const files = listSources('{app,components}/**/*.{ts,tsx}')
  expect(files.length).toBeGreaterThan(500)
  const found = files.flatMap((file) => findPartUses(readSource(file)).map((use) => `${file}: ${use}`))
  // `toListing` joins the pages for all others; what it returns knows whether it is whole.
  expect(found).toEqual(['components/ui/table/listing.ts: joins pages'])
})

describe('The check of lists that are partly loaded', () => {
  const usesIn = (text: string) =>
    findPartUses(parseSource('components/x.tsx', `const query = useInfiniteQuery(filesQuery())\n${text}`))

  it.each([
    ['const files = query.data.pages.flatMap((page) => page.files)', 'joins pages'],
    ['const files = (data?.pages ?? []).flatMap(({ files }) => files)', 'joins pages'],
    ['const found = files.filter(({ name }) => name.toLowerCase().includes(needle))', 'filters by a text'],
    ['const found = files.filter((file) => file.name.startsWith(typed))', 'filters by a text'],
    ['const sorted = listing.rows.toSorted(byName)', 'sorts rows'],
    ['const table = <DataTable columns={columns} rows={files} />', 'gives a table rows that may be a part'],
  ])('finds %j', (text, use) => {
    expect(usesIn(text)).toEqual([use])
  })

  it.each([
    'const table = <DataTable columns={columns} rows={toListing(query, ({ files }) => files)} />',
    'const table = <DataTable columns={columns} rows={{ rows: files, isWhole: !isTruncated }} />',
    'const picked = files.filter(({ id }) => pickedIds.includes(id))',
    'const files = query.data.folders.flatMap((folder) => folder.files)',
  ])('accepts %j', (text) => {
    expect(usesIn(text)).toEqual([])
  })

  it('looks only at components that read pages', () => {
    expect(
      findPartUses(parseSource('components/x.tsx', '<DataTable rows={names.filter((n) => n.includes(t))} />')),
    ).toEqual([])
  })
})
