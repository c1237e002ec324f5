// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { deferSelectionChanges } from '@/testing/components/defer-selection-changes'
import { render } from '@/testing/components/render'
import { stubFonts } from '@/testing/components/stub-fonts'
import { LazySqlEditor } from './lazy-sql-editor'

const arrived = Promise.withResolvers<void>()
async function loadLate() {
  await arrived.promise
  return import('./sql-editor')
}

deferSelectionChanges()
stubFonts()

afterEach(cleanup)

const onRun = vi.fn()
const onRunAll = vi.fn()
const onSelect = vi.fn()

function Editor({ initial }: { initial: string }) {
  const [sql, setSql] = useState(initial)
  return (
    <>
      <LazySqlEditor
        documentId="first"
        load={loadLate}
        value={sql}
        cursor={sql.length}
        onChange={setSql}
        onRun={onRun}
        onSelect={onSelect}
        onRunAll={onRunAll}
        complete={() => null}
        problem={null}
      />
      <output>{sql}</output>
    </>
  )
}

const textbox = () => screen.getByRole('textbox', { name: 'SQL' })
const isEditor = () => textbox().classList.contains('cm-content')

test('the text can be edited and run before the editor has arrived, which takes it over with the focus', async () => {
  render(<Editor initial={'select 1\nfrom demo.flights'} />)
  expect(isEditor()).toBe(false)
  await userEvent.type(textbox(), ' limit 5')
  expect(screen.getByRole('status').textContent).toBe('select 1\nfrom demo.flights limit 5')
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  expect(onRun).toHaveBeenCalledOnce()
  await userEvent.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}')
  expect(onRunAll).toHaveBeenCalledOnce()
  expect(onRun).toHaveBeenCalledOnce()

  fireEvent.select(textbox(), { target: { selectionStart: 0, selectionEnd: 8 } })
  expect(onSelect).toHaveBeenLastCalledWith({ start: 0, end: 8 })
  fireEvent.select(textbox(), { target: { selectionStart: 33, selectionEnd: 33 } })
  expect(onSelect).toHaveBeenLastCalledWith(null)

  // A character that is being composed is not interrupted.
  fireEvent.compositionStart(textbox())
  arrived.resolve()
  await act(() => new Promise((resolve) => setTimeout(resolve, 300)))
  expect(isEditor()).toBe(false)
  fireEvent.compositionEnd(textbox())

  await waitFor(() => expect(isEditor()).toBe(true))
  expect(textbox().textContent).toBe('select 1from demo.flights limit 5')
  expect(document.activeElement).toBe(textbox())
  expect(screen.getByRole('status').textContent).toBe('select 1\nfrom demo.flights limit 5')

  await userEvent.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}')
  expect(onRunAll).toHaveBeenCalledTimes(2)
  await userEvent.keyboard('{Control>}{Enter}{/Control}')
  expect(onRun).toHaveBeenCalledTimes(2)
})

test('the editor marks characters that change the direction of text, and leaves them in it', async () => {
  arrived.resolve()
  render(<Editor initial={"select '\u202eabc'"} />)
  await waitFor(() => expect(isEditor()).toBe(true))
  expect(textbox().textContent).toBe("select '[U+202E]abc'")
  expect(screen.getByRole('status').textContent).toBe("select '\u202eabc'")
})
