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
