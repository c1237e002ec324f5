// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { stubFonts } from '@/testing/components/stub-fonts'
import { MoreRows } from './more-rows'
import type { Continued } from './past-choices'
import type { LoadUploads } from './use-load-uploads'

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
