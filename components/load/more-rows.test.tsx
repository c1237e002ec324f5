// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { stubFonts } from '@/testing/components/stub-fonts'
import { MoreRows } from './more-rows'
import type { Continued } from './past-choices'
import type { LoadUploads } from './use-load-uploads'
import { EarlierUploads } from './waiting/earlier-uploads'

stubFonts()
const call = stubApi()
afterEach(cleanup)

const CONTINUED = {
  runId: '0'.repeat(26),
  past: { format: 'csv', csv: null, recordsSaved: 1, corrections: [] } as Partial<Continued['past']>,
  rejectedText: 'id;fare\n1;x\n',
} as Partial<Continued> as Continued
const FILE = { id: 'f1', fileName: 'fixed.csv' }

it('Rejected rows are not used next to a file that was corrected, which would add them twice', async () => {
  call.mockRejectedValue(new AppError('server-unreachable', 'Not in this test.'))
  const uploads = { files: [FILE] } as unknown as LoadUploads
  renderInTable(<MoreRows table={SAMPLE_IDENTIFIER} uploads={uploads} continued={CONTINUED} />)
  expect(await screen.findByRole('button', { name: 'Use these rows' })).toHaveProperty('disabled', true)
  expect(screen.getByText('The load has fixed.csv instead of these rows. Remove it to use the rows.')).toBeTruthy()
})

it('An upload of an earlier visit is removed before it expires', async () => {
  const stored = {
    uploadId: 'U1',
    fileName: 'old.csv',
    target: SAMPLE_IDENTIFIER,
    sizeBytes: 2,
    receivedBytes: 1,
    expiresAtMs: Date.UTC(2100, 0, 1),
    proposalId: null,
    runId: null,
  }
  call.mockRejectedValue(new AppError('server-unreachable', 'Not in this test.'))
  const [removeStored, readListed] = [vi.fn(async () => {}), vi.fn(async () => {})]
  const uploads = { files: [], sent: [], listed: [stored], addStored: vi.fn(), removeStored, readListed }
  renderInTable(<EarlierUploads uploads={uploads} />)
  await userEvent.click(await screen.findByRole('button', { name: 'Remove now, old.csv' }))
  expect(removeStored).toHaveBeenCalledExactlyOnceWith('U1')
  await waitFor(() => expect(readListed).toHaveBeenCalledOnce())
})
