// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import type { HistoryEntry } from '@/lib/client/query/query-history'
import { HistoryPanel } from './history-panel'

afterEach(cleanup)

const ENTRY: HistoryEntry = {
  id: '1',
  sql: 'select 1',
  ranAtMs: 0,
  elapsedMs: 5,
  outcome: { kind: 'done', rowCount: 1, isTruncated: false },
}

function Panel({ onClear }: { onClear: () => void }) {
  const [entries, setEntries] = useState<readonly HistoryEntry[]>([ENTRY])
  const clear = () => {
    onClear()
    setEntries([])
  }
  return (
    <HistoryPanel entries={entries} saved={null} onPick={() => {}} onClear={clear} isOpen={false} onClose={() => {}} />
  )
}

function renderPanel() {
  const onClear = vi.fn()
  render(<Panel onClear={onClear} />)
  return onClear
}

test('The history is cleared after a question only, and Cancel has the focus', async () => {
  const onClear = renderPanel()
  await userEvent.click(screen.getByRole('button', { name: 'Clear history' }))
  expect(onClear).not.toHaveBeenCalled()
  const dialog = await screen.findByRole('dialog', { name: 'Clear history' })
  expect(dialog.textContent).toContain('1 query will be deleted from this browser.')
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Cancel'))
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }))
  expect(onClear).not.toHaveBeenCalled()
})

test('The answer clears the history, and the focus stays in the panel', async () => {
  const onClear = renderPanel()
  await userEvent.click(screen.getByRole('button', { name: 'Clear history' }))
  await screen.findByRole('dialog', { name: 'Clear history' })
  const [, answer] = screen.getAllByRole('button', { name: 'Clear history' })
  if (!answer) throw new Error('the dialog has no answer')
  await userEvent.click(answer)
  expect(onClear).toHaveBeenCalledTimes(1)
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Saved queries and history'))
})

test('An entry says which engine ran it, and one that was not confirmed that it was not run', () => {
  const entries: HistoryEntry[] = [
    { ...ENTRY, engine: 'server' },
    { ...ENTRY, id: '2', sql: 'select 2', outcome: { kind: 'unconfirmed', readBytes: 2.46 * 1024 ** 3 } },
    { ...ENTRY, id: '3', sql: 'select 3' },
  ]
  render(
    <HistoryPanel
      entries={entries}
      saved={null}
      onPick={() => {}}
      onClear={() => {}}
      isOpen={false}
      onClose={() => {}}
    />,
  )
  const outcome = (sql: string) => screen.getByTitle(sql).querySelector('span span')?.textContent
  expect(outcome('select 1')).toBe('1 row, 5 ms, server')
  expect(outcome('select 2')).toBe('would read 2.46 GiB, not run')
  expect(outcome('select 3')).toBe('1 row, 5 ms')
})
