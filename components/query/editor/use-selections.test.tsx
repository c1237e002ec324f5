// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { useRef, useState } from 'react'
import { afterEach, expect, test } from 'vitest'
import { deferSelectionChanges } from '@/testing/components/defer-selection-changes'
import { render } from '@/testing/components/render'
import { stubFonts } from '@/testing/components/stub-fonts'
import { LazySqlEditor } from './lazy-sql-editor'
import { useSelections } from './use-selections'

deferSelectionChanges()
stubFonts()
afterEach(cleanup)

const arrived = Promise.withResolvers<void>()
async function loadLate() {
  await arrived.promise
  return import('./sql-editor')
}

function Editor({ initial }: { initial: string }) {
  const [sql, setSql] = useState(initial)
  const latest = useRef(initial)
  const selections = useSelections(() => latest.current)
  return (
    <>
      <LazySqlEditor
        documentId="first"
        load={loadLate}
        value={sql}
        cursor={sql.length}
        onChange={(text) => {
          latest.current = text
          setSql(text)
        }}
        onRun={() => undefined}
        onSelect={(range) => selections.select('first', range)}
        onRunAll={() => undefined}
        complete={() => null}
        problem={null}
      />
      <output>{JSON.stringify(selections.find('first', sql))}</output>
    </>
  )
}

const field = () => screen.getByRole('textbox', { name: 'SQL' })
const selection = () => screen.getByRole('status').textContent

test('the selection of a text that was replaced selects nothing of the new one, also when the editor arrives then', async () => {
  render(<Editor initial="select 1" />)
  fireEvent.select(field(), { target: { selectionStart: 0, selectionEnd: 8 } })
  expect(selection()).toBe('{"start":0,"end":8}')
  // Pasted over the selection. The event of the new cursor has not arrived.
  fireEvent.change(field(), { target: { value: 'select origin from demo.flights' } })
  expect(selection()).toBe('null')
  arrived.resolve()
  await act(() => arrived.promise)
  await waitFor(() => expect(field().classList.contains('cm-content')).toBe(true))
  expect(field().textContent).toBe('select origin from demo.flights')
  expect(selection()).toBe('null')
})
