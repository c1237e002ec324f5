// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import type { ChangedRows } from '@/lib/scan/compare/snapshot-comparison'
import { render } from '@/testing/components/render'
import { ExportComparison } from './export-comparison'

const ROWS: ChangedRows = {
  kinds: ['in', 'in'],
  before: new Map(),
  after: new Map([['1', [1n, 2n]]]),
  isChanged: new Map(),
}
const saved: string[] = []

beforeEach(() => {
  saved.length = 0
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:comparison')
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download)
  })
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

async function exportAs(format: RegExp, read: (filter: string) => Promise<ChangedRows>) {
  const column = { key: '1', fieldId: 1, columnId: 1, path: ['id'], indexes: [], type: 'long', side: 'both' } as const
  render(<ExportComparison name="demo.flights" worker={{ read }} columns={[column]} filter="in" rowCount={2} />)
  await userEvent.click(screen.getByRole('button', { name: 'Export' }))
  expect((await screen.findAllByRole('menuitem')).map(({ textContent }) => textContent)).toEqual([
    expect.stringMatching(/^CSV/),
    expect.stringMatching(/^JSON lines/),
  ])
  await userEvent.click(screen.getByRole('menuitem', { name: format }))
}

it('saves the rows of the chosen kind, and says so', async () => {
  const read = vi.fn(async () => ROWS)
  await exportAs(/^CSV/, read)
  await waitFor(() =>
    expect(screen.getByRole('status', { name: 'Export' }).textContent).toMatch(
      /^Saved demo.flights comparison.csv: 2 rows/,
    ),
  )
  expect(read).toHaveBeenCalledWith('in', { from: 0, to: 2 })
  expect(saved).toEqual(['demo.flights comparison.csv'])
})

it('says why an export failed, and saves nothing', async () => {
  await exportAs(/^JSON/, () => Promise.reject(new AppError('file-damaged', 'a.parquet is damaged')))
  expect((await screen.findByRole('alert')).textContent).toBe('The export failed: a.parquet is damaged')
  expect(saved).toEqual([])
})
