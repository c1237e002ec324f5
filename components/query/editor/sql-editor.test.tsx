// @vitest-environment happy-dom
import type { CompletionContext, CompletionResult, CompletionSource } from '@codemirror/autocomplete'
import { EditorView } from '@codemirror/view'
import { act, cleanup, screen, waitFor } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { stubFonts } from '@/testing/components/stub-fonts'
import { SqlEditor } from './sql-editor'

stubFonts()
afterEach(cleanup)
afterEach(() => void vi.restoreAllMocks())

const INITIAL = { anchor: 0, head: 0, scrollTop: 0, hasFocus: false }
const requested = vi.fn()

/** Names of tables that never arrive. Keywords are known at once, and wait for them for a moment. */
function complete({ pos }: CompletionContext): Promise<CompletionResult | null> {
  requested(pos)
  return new Promise(() => undefined)
}

function Tabs({ source = complete }: { source?: CompletionSource }) {
  const [texts, setTexts] = useState({ first: '', second: '' })
  const [shown, setShown] = useState<'first' | 'second'>('first')
  return (
    <>
      <button onClick={() => setShown('second')}>second</button>
      <SqlEditor
        documentId={shown}
        value={texts[shown]}
        cursor={0}
        onChange={(text) => setTexts((earlier) => ({ ...earlier, [shown]: text }))}
        onRun={() => undefined}
        onRunAll={() => undefined}
        onSelect={() => undefined}
        complete={source}
        problem={null}
        initial={INITIAL}
      />
    </>
  )
}

const textbox = () => screen.getByRole('textbox', { name: 'SQL' })

function editor(): EditorView {
  const view = EditorView.findFromDOM(textbox())
  if (view === null) throw new Error('There is no editor.')
  return view
}

function type(text: string): void {
  const view = editor()
  const { head } = view.state.selection.main
  act(() =>
    view.dispatch({
      changes: { from: head, insert: text },
      selection: { anchor: head + text.length },
      userEvent: 'input.type',
    }),
  )
}

test('completions of another document that arrive late leave the shown one alone', async () => {
  render(<Tabs />)
  type('select o')
  // Looks often: the document changes while keywords still wait.
  await waitFor(() => expect(requested).toHaveBeenLastCalledWith(8), { interval: 5 })
  act(() => screen.getByRole('button', { name: 'second' }).click())
  expect(editor().state.doc.toString()).toBe('')
  // Longer than keywords wait.
  await act(() => new Promise((resolve) => setTimeout(resolve, 300)))
  type('s')
  expect(editor().state.doc.toString()).toBe('s')
})

test('keywords are those of statements that read, and none for a finished one', async () => {
  render(<Tabs source={() => null} />)
  const offered = () => [...document.querySelectorAll('.cm-completionLabel')].map(({ textContent }) => textContent)
  type('d')
  await waitFor(() => expect(offered()).toContain('describe'))
  expect(offered()).not.toContain('dlpreviouscopy')
  type('escribe')
  await waitFor(() => expect(offered()).toEqual([]))
})

/** Presses Enter when the list is open with an option first. */
async function enterAt(label: string): Promise<void> {
  await waitFor(() => expect(document.querySelector('.cm-completionLabel')?.textContent).toBe(label))
  // Enter is not for a list that has opened just now.
  const nowMs = Date.now() + 1_000
  vi.spyOn(Date, 'now').mockReturnValue(nowMs)
  act(() => void editor().contentDOM.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 13 })))
}

test.each([
  ['an option that begins with what is written', 'select pla', 'place', 'select place'],
  ['nothing for an option that only resembles it, and ends the line', 'select place', 'replace', 'select place\n'],
])('Enter takes %s', async (_, written, label, expected) => {
  const source: CompletionSource = () => ({ from: 7, options: [{ label }] })
  render(<Tabs source={source} />)
  type(written)
  await enterAt(label)
  expect(editor().state.doc.toString()).toBe(expected)
})

test.each([
  ['select 1 as e', 'else'],
  ['select delay e', 'else'],
  ['select count(*) e', 'else'],
  ['select (case a when b then c end) el', 'else'],
  ['select 1 as fro', 'from'],
  ['from demo.flights w', 'when'],
  ['from demo.orders ord', 'order'],
  ['from demo.flights t\njoin demo.airports re', 'recursive'],
])('Enter ends the line after the alias of %s, and takes no keyword', async (written, label) => {
  render(<Tabs source={() => null} />)
  type(written)
  await enterAt(label)
  expect(editor().state.doc.toString()).toBe(`${written}\n`)
})

test.each([
  ['from demo.flights wher', 'where'],
  ['from demo.flights f gr', 'group'],
  ['from demo.flights f joi', 'join'],
  ['from demo.flights f inner join demo.airports a usi', 'using'],
  ['select (a) fr', 'from'],
  ['with a as (select 1) sel', 'select'],
  ['select case a when 1 then b el', 'else'],
  ['select cast(a as var', 'varchar'],
  ['select dist', 'distinct'],
])('Enter takes the keyword that follows %s', async (written, label) => {
  render(<Tabs source={() => null} />)
  type(written)
  await enterAt(label)
  expect(editor().state.doc.toString()).toBe(written.replace(/\w+$/, label))
})
