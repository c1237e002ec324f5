// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { getCompressionTrial, type CompressionSample, type StoredColumn } from '@/lib/contract/table/compression'
import { getChangePolicy } from '@/lib/contract/proposals'
import type { Role } from '@/lib/permissions'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { WhatIf } from './what-if'

const call = stubApi()

afterEach(cleanup)

const KB = 1000
const COLUMN: StoredColumn = {
  fieldId: 2,
  column: ['note'],
  type: 'string',
  plainBytes: 400 * KB,
  isPlainEstimated: false,
  encodedBytes: 300 * KB,
  storedBytes: 94 * KB,
  codecs: [{ codec: 'brotli', storedBytes: 94 * KB }],
  encodings: ['PLAIN'],
  hasDictionary: false,
  hasDictionaryFallback: false,
  pages: null,
}
/** Encodes steadily, and decodes slower in some turns. */
const speed = { encodeMs: 1, decodeMs: 1, turns: { encodedBytes: 300 * KB, encodeMs: 1.05, decodeMs: 2 } }
const SAMPLE: CompressionSample = {
  fieldId: 2,
  fileCount: 2,
  pageCount: 20,
  encodedBytes: 300 * KB,
  storedBytes: 100 * KB,
  trials: [
    { codec: 'zstd', level: 1, encodedBytes: 300 * KB, storedBytes: 80 * KB, ...speed, change: -0.2, error: 0 },
    { codec: 'zstd', level: 3, encodedBytes: 300 * KB, storedBytes: 100 * KB, ...speed, change: 0, error: 0 },
  ],
}

function renderWhatIf(isSampleCurrent: boolean, role: Role = 'editor') {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getCompressionTrial) return { run: null, sample: SAMPLE, sampledAtMs: 1_000, isSampleCurrent }
    if (endpoint === getChangePolicy) return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
    throw new Error('unexpected call')
  })
  const properties = { 'write.parquet.compression-codec': 'zstd' }
  renderInTable(
    <WhatIf column={COLUMN} now={properties} loadedBytesPerDay={null} price={null} setValue={vi.fn()} canChange />,
    { role },
  )
}

it('projects a sample of files that the table has on what is stored, and recommends from it', async () => {
  renderWhatIf(true)
  const codecs = await screen.findByRole('grid', { name: 'Codecs' })
  const zstd1 = within(codecs).getByRole('row', { name: /^zstd 1/ })
  expect(zstd1.textContent).toContain('−20.0%')
  expect(zstd1.textContent).toContain('150–300 MB/s')
  expect(screen.getByText(/recommended/)).toBeTruthy()
  expect(screen.getByText(/projected on/).textContent).toContain('note: 20 pages of 2 files')
  expect(screen.queryByText(/no longer has/)).toBeNull()
})

it('projects and recommends nothing from a sample of files that the table no longer has', async () => {
  renderWhatIf(false)
  const note = await screen.findByText(/no longer has all files of this sample/)
  expect(note.textContent).toContain('Sample again to compare codecs.')
  expect(screen.getByText(/20 pages of 2 files/).textContent).not.toContain('projected')
  expect(screen.queryByRole('grid', { name: 'Codecs' })).toBeNull()
  expect(screen.queryByText(/recommended/)).toBeNull()
  expect(screen.queryByRole('button', { name: 'Add to changes' })).toBeNull()
  expect(screen.getByRole('button', { name: 'Sample again' })).toBeTruthy()
})

it('says to a viewer that an editor can sample again', async () => {
  renderWhatIf(false, 'viewer')
  expect((await screen.findByText(/no longer has/)).textContent).toContain('You need the editor role to sample again.')
  expect(screen.queryByRole('button', { name: 'Sample again' })).toBeNull()
})
