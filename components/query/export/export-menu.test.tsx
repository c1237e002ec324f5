// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { render } from '@/testing/components/render'
import { ExportMenu } from './export-menu'
import * as exportResult from './export-result'

const saveResult = vi.fn<typeof exportResult.saveResult>()

beforeEach(() => {
  vi.spyOn(exportResult, 'saveResult').mockImplementation(saveResult)
  saveResult.mockReset()
})
afterEach(cleanup)

const SOURCE = { fields: [], rowCount: 40, value: () => null }

async function choose(name: string) {
  await userEvent.click(screen.getByRole('button', { name: /Export/ }))
  await userEvent.click(await screen.findByRole('menuitem', { name: new RegExp(`^${name}`) }))
}

test('A result is exported as Parquet, with progress, and can be cancelled', async () => {
  let signal = new AbortController().signal
  saveResult.mockImplementation((_format, _source, options) => {
    signal = options.signal
    options.onProgress({ rowCount: 10, sizeBytes: 2048 })
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  const onProblem = vi.fn()
  render(<ExportMenu source={SOURCE} isTruncated={false} onProblem={onProblem} />)
  await userEvent.click(screen.getByRole('button', { name: /Export/ }))
  const items = (await screen.findAllByRole('menuitem')).map(({ textContent }) => textContent)
  expect(items).toContain('ParquetTyped columns, uncompressed.')
  expect(items).toContain('Arrow streamTyped columns.')
  await userEvent.click(screen.getByRole('menuitem', { name: /^Parquet/ }))
  await waitFor(() => expect(saveResult.mock.lastCall?.[0].format).toBe('parquet'))
  expect(screen.getByRole('button').textContent).toBe('Exporting…')
  await userEvent.click(screen.getByRole('button', { name: /Export/ }))
  const bar = await screen.findByRole('progressbar', { name: 'Export as Parquet' })
  expect(bar.getAttribute('aria-valuenow')).toBe('25')
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Cancel export' }))
  expect(signal.aborted).toBe(true)
  await waitFor(() => expect(screen.getByRole('button', { name: /Export/ }).textContent).toBe('Export'))
  expect(onProblem.mock.calls).toEqual([[null]])
})

test('A saved file is announced, and a failure is reported', async () => {
  const progress = { rowCount: 40, sizeBytes: 2048 }
  saveResult.mockResolvedValueOnce({ fileName: 'query-result.csv', progress })
  const onProblem = vi.fn()
  render(<ExportMenu source={SOURCE} isTruncated={false} onProblem={onProblem} />)
  await choose('CSV')
  await waitFor(() =>
    expect(screen.getByRole('status', { name: 'Export' }).textContent).toMatch(/^Saved query-result.csv: 40 rows/),
  )
  const failure = new AppError('too-large', 'The file would be larger than 1 GiB.')
  saveResult.mockRejectedValueOnce(failure)
  await choose('Arrow stream')
  await waitFor(() => expect(onProblem).toHaveBeenLastCalledWith(failure))
})
