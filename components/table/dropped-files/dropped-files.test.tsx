// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { findDroppedFile, openDroppedFiles } from '@/lib/client/table/dropped-files'
import { runSignOutTasks } from '@/lib/client/session/sign-out-tasks'
import { DroppedFiles } from './dropped-files'
import { useFileDrop } from './use-file-drop'

afterEach(() => {
  cleanup()
  runSignOutTasks()
})

const parquet = (name: string, inside = 'x'.repeat(20)) => new File([`PAR1${inside}PAR1`], name)

function DropArea({ onOpen }: { onOpen: (name: string) => void }) {
  return (
    <div data-testid="drop-area" {...useFileDrop(onOpen)}>
      <DroppedFiles onOpen={onOpen} />
    </div>
  )
}

describe('Files of the disk', () => {
  it('are opened by choosing them, and listed with a way to query and to close them', async () => {
    const onOpen = vi.fn()
    render(<DroppedFiles onOpen={onOpen} />)
    expect(screen.getByText(/never uploaded/)).toBeTruthy()
    await userEvent.upload(screen.getByLabelText('Parquet files on your disk'), parquet('a.parquet'))
    const file = await screen.findByRole('button', { name: /^a\.parquet/ })
    expect(onOpen).toHaveBeenCalledWith('a.parquet')
    await userEvent.click(file)
    expect(onOpen).toHaveBeenCalledTimes(2)
    await userEvent.click(screen.getByRole('button', { name: 'Close a.parquet' }))
    expect(screen.queryByText('a.parquet')).toBeNull()
  })

  it('that cannot be opened are named one by one', async () => {
    render(<DroppedFiles onOpen={vi.fn()} />)
    const bad = [new File(['PAR1 without an end'], 'cut.parquet'), new File(['a,b'], 'text.parquet')]
    await userEvent.upload(screen.getByLabelText('Parquet files on your disk'), [
      bad[0]!,
      parquet('good.parquet'),
      bad[1]!,
    ])
    await screen.findByRole('button', { name: /^good\.parquet/ })
    expect(screen.getByText(/cut\.parquet is not a Parquet file/)).toBeTruthy()
    expect(screen.getByText(/text\.parquet is not a Parquet file/)).toBeTruthy()
  })

  it('are opened by dropping them', async () => {
    const onOpen = vi.fn()
    render(<DropArea onOpen={onOpen} />)
    fireEvent.drop(screen.getByTestId('drop-area'), {
      dataTransfer: { files: [parquet('b.parquet')], types: ['Files'] },
    })
    expect(await screen.findByText('b.parquet')).toBeTruthy()
    expect(onOpen).toHaveBeenCalledWith('b.parquet')
  })

  it.each([
    ['notes.txt', new File(['hello, this is text'], 'notes.txt'), 'notes.txt is not a Parquet file'],
    ['an empty file', new File([], 'empty.parquet'), 'empty.parquet is not a Parquet file'],
    ['an encrypted file', new File(['PAR1xxxxxxxxPARE'], 'secret.parquet'), 'secret.parquet is encrypted'],
  ])('say why %s is not opened', async (_what, file, reason) => {
    const onOpen = vi.fn()
    render(<DropArea onOpen={onOpen} />)
    fireEvent.drop(screen.getByTestId('drop-area'), { dataTransfer: { files: [file], types: ['Files'] } })
    const alert = await screen.findByRole('alert')
    expect(within(alert).getByText(new RegExp(reason))).toBeTruthy()
    // The advice for tables does not fit a file.
    expect(alert.textContent).not.toMatch(/table|engine/)
    expect(onOpen).not.toHaveBeenCalled()
  })

  it('are bounded in number, and a file of the same name replaces the earlier one', async () => {
    const opened = await openDroppedFiles(Array.from({ length: 21 }, (_, index) => parquet(`${index}.parquet`)))
    expect(opened).toHaveLength(20)
    const before = findDroppedFile('3.parquet')
    await openDroppedFiles([parquet('3.parquet', 'y'.repeat(40))])
    const after = findDroppedFile('3.parquet')
    expect([after.file.size, after.id === before.id]).toEqual([48, false])
  })

  it('are gone after signing out, and a query of one says what is open', async () => {
    await openDroppedFiles([parquet('a.parquet')])
    expect(() => findDroppedFile('b.parquet')).toThrow('These files are: a.parquet.')
    runSignOutTasks()
    expect(() => findDroppedFile('a.parquet')).toThrow('a.parquet is not open in this page')
  })
})
