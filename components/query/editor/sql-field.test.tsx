// @vitest-environment happy-dom
import { act } from '@testing-library/react'
import { type ReactNode, useRef, useState } from 'react'
import { hydrateRoot, type Root } from 'react-dom/client'
import { renderToString } from 'react-dom/server.browser'
import { afterEach, expect, test, vi } from 'vitest'
import { SqlField } from './sql-field'

let hydrated: Root | undefined
afterEach(() => act(() => hydrated?.unmount()))

function Field({ initial }: { initial: string }) {
  const [sql, setSql] = useState(initial)
  const ref = useRef<HTMLTextAreaElement>(null)
  return (
    <>
      <SqlField ref={ref} value={sql} onChange={setSql} onBusyChange={() => undefined} />
      <output>{sql}</output>
    </>
  )
}

/** Without what only a browser has. */
function renderOnServer(content: ReactNode): string {
  vi.stubGlobal('document', undefined)
  vi.stubGlobal('HTMLTextAreaElement', undefined)
  try {
    return renderToString(content)
  } finally {
    vi.unstubAllGlobals()
  }
}

test.each([
  ['an empty field', '', 'select id'],
  ['a field with the text of a link', 'select 1', 'select 1, 2'],
  ['a field in which nothing was typed', 'select 1', 'select 1'],
])('What was typed before the page has its code stays: %s', async (_, initial, typed) => {
  const host = document.createElement('div')
  document.body.replaceChildren(host)
  host.innerHTML = renderOnServer(<Field initial={initial} />)
  const field = host.querySelector('textarea')
  if (field === null) throw new Error('There is no field.')
  expect(field.readOnly).toBe(false)
  field.value = typed
  const problems: unknown[] = []
  await act(async () => {
    hydrated = hydrateRoot(host, <Field initial={initial} />, { onRecoverableError: (error) => problems.push(error) })
  })
  expect(problems).toEqual([])
  expect(host.querySelector('textarea')).toBe(field)
  expect(field.value).toBe(typed)
  expect(host.querySelector('output')?.textContent).toBe(typed)
})
