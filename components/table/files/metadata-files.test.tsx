// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { FilesTab } from './files-tab'

const call = stubApi()

const metadataFile = (name: string, isCurrent: boolean) => ({
  location: `file:///lake/demo/flights/metadata/${name}.metadata.json`,
  writtenAtMs: 3_000,
  isCurrent,
  sizeBytes: isCurrent ? 900 : null,
  problem: isCurrent ? null : 'The file is gone.',
})

const NOTHING = { rowCount: 0, dataFileCount: 0, deleteFileCount: 0, liveBytes: 0, refCount: 0 }

/** Answers by the endpoint that is called. */
function answer(differences: readonly object[]) {
  const files = [metadataFile('00002-b', true), metadataFile('00001-a', false)]
  call.mockImplementation(async ({ path }: { path: string }) =>
    path.endsWith('/comparison')
      ? { figures: { before: NOTHING, after: NOTHING }, isTruncated: false, differences }
      : { totalCount: 2, files, nextOffset: null },
  )
}

afterEach(cleanup)

it('compares the newest two metadata files, and shows old next to new with every digit', async () => {
  answer([
    { path: 'current-snapshot-id', before: '9007199254740992', after: '9007199254740993' },
    { path: 'properties.owner', before: null, after: '"ada"' },
  ])
  renderInTable(<FilesTab />, { search: '?level=metadata' })
  const table = await screen.findByRole('table', { name: 'Differences' })
  const rows = within(table).getAllByRole('row').slice(1)
  expect(rows.map(({ textContent }) => textContent)).toEqual([
    '~ changedcurrent-snapshot-id90071992547409929007199254740993',
    '+ addedproperties.owner"ada"',
  ])
  expect(call.mock.calls.at(-1)?.[1]).toMatchObject({
    from: metadataFile('00001-a', false).location,
    to: metadataFile('00002-b', true).location,
  })
})

it('says why the size of a metadata file is not known', async () => {
  answer([])
  renderInTable(<FilesTab />, { search: '?level=metadata' })
  expect(await screen.findByText('unknown: The file is gone.')).toBeTruthy()
  expect(await screen.findByText('Both files say the same.')).toBeTruthy()
})
