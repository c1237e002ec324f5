// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, it } from 'vitest'
import { enterText } from '@/testing/components/enter-text'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubFonts } from '@/testing/components/stub-fonts'
import { LoadReviewFrame } from './load-review-frame'

stubFonts()
afterEach(cleanup)

function Sheet() {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Review
      </button>
      <LoadReviewFrame sheet={{ isOpen, onClose: () => setOpen(false) }} footer={<input aria-label="Title" />}>
        <p>Ready to propose.</p>
      </LoadReviewFrame>
    </>
  )
}

it('A sheet that is closed and opened again has what was entered in it', async () => {
  renderInTable(<Sheet />)
  expect(screen.queryByRole('dialog')).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Review' }))
  await enterText(await screen.findByRole('textbox', { name: 'Title' }), 'May')
  await userEvent.click(screen.getByRole('button', { name: 'Close' }))
  expect(screen.queryByRole('textbox', { name: 'Title' })).toBeNull()
  await userEvent.click(screen.getByRole('button', { name: 'Review' }))
  expect(await screen.findByRole('textbox', { name: 'Title' })).toHaveProperty('value', 'May')
})
