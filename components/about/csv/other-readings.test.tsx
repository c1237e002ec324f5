import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import { renderInTable } from '@/testing/components/render-in-table'
import { OtherReadings } from './other-readings'

it('Each other reading says what it would do, and is chosen by its button', async () => {
  const [onCsv, onFormat] = [vi.fn(), vi.fn()]
  renderInTable(
    <OtherReadings
      onCsv={onCsv}
      onFormat={onFormat}
      readings={[
        { kind: 'format', format: 'ndjson' },
        { kind: 'encoding', encoding: 'windows-1252' },
        { kind: 'delimiter', delimiter: '\t', fieldCount: 3 },
      ]}
    />,
  )
  expect(screen.getByText('Second best: with a tab the first row has 3 fields.')).toBeTruthy()
  await userEvent.click(screen.getByRole('button', { name: 'Read with a tab' }))
  await userEvent.click(screen.getByRole('button', { name: 'Read as windows-1252' }))
  expect(onCsv.mock.calls).toEqual([[{ delimiter: '\t' }], [{ encoding: 'windows-1252' }]])
  await userEvent.click(screen.getByRole('button', { name: 'Read as JSON lines' }))
  expect(onFormat.mock.calls).toEqual([['ndjson']])
})
