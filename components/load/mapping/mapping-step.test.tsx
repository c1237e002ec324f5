// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { afterEach, expect, it } from 'vitest'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import { BY_NAME, type LoadMapping } from '@/lib/ingest/load-mapping'
import { render } from '@/testing/components/render'
import { stubFonts } from '@/testing/components/stub-fonts'
import { mappingLines } from './mapping-lines'
import { MappingStep } from './mapping-step'
import type { LoadDraft } from '../use-load-draft'

stubFonts()
afterEach(cleanup)

const column = (name: string) => ({ name, type: 'string', rejectedCount: 0, problem: null })
const PREVIEW = {
  fields: [],
  columns: [column('city')],
  rows: [],
  rejects: [],
  unmappedFields: [],
  missingColumns: [],
} as Partial<LoadPreview> as LoadPreview

function Form({
  mapped = PREVIEW,
  columns = { city: { pathValue: 'city' } },
}: {
  mapped?: LoadPreview
  columns?: LoadMapping['columns']
}) {
  const [mapping, setMapping] = useState<LoadMapping>({ ...BY_NAME, columns })
  const change = (changed: { mapping?: LoadMapping }) => changed.mapping && setMapping(changed.mapping)
  const draft = { options: { mapping }, chosenMapping: mapping, change } as Partial<LoadDraft> as LoadDraft
  return (
    <>
      <MappingStep
        draft={draft}
        mapped={mapped}
        isLastRead={false}
        lines={mappingLines(mapped, mapping)}
        isReading={false}
        isOpen={false}
        sampled={{ estimate: null }}
        haveFolders
      />
      <output>{JSON.stringify(mapping.columns['city'])}</output>
    </>
  )
}

it('The text of a source can be emptied while another one is typed, and is never empty in the load', () => {
  render(<Form />)
  const field = screen.getByLabelText<HTMLInputElement>('Folder for city')
  const type = (value: string) => fireEvent.change(field, { target: { value } })
  type('')
  expect([field.value, screen.getByRole('status').textContent]).toEqual(['', '{"pathValue":"city"}'])
  type('town')
  expect([field.value, screen.getByRole('status').textContent]).toEqual(['town', '{"pathValue":"town"}'])
  type('')
  fireEvent.blur(field)
  expect([field.value, screen.getByRole('status').textContent]).toEqual(['town', '{"pathValue":"town"}'])
})

it('The field of a new expression has the focus', () => {
  render(<Form mapped={{ ...PREVIEW, fields: [{ name: 'city', samples: [] }] }} columns={{}} />)
  fireEvent.click(screen.getByRole('button', { name: 'Expression' }))
  expect(document.activeElement).toBe(screen.getByLabelText('Expression for city'))
})

it.each([
  ['SQL expression', 'Expression for city'],
  ['the same for every row', 'Value of city'],
  ['value in the path', 'Folder for city'],
])('The field of %s has the focus when it is chosen', async (kind, label) => {
  render(<Form columns={{}} />)
  await userEvent.click(screen.getByRole('combobox', { name: 'Values of city' }))
  await userEvent.click(await screen.findByRole('option', { name: kind }))
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText(label)))
})

it('A field that only a wrong expression uses names the expression', () => {
  const columns = [{ ...column('city'), problem: 'The input has no function nope.' }]
  const fields = [{ name: 'town', samples: ['Rome'] }]
  render(
    <Form
      mapped={{ ...PREVIEW, columns, fields, unmappedFields: ['town'] }}
      columns={{ city: { sql: 'nope(town)' } }}
    />,
  )
  expect(screen.getByText('used in the wrong expression for city')).toBeTruthy()
  expect(screen.queryByText('has no column')).toBeNull()
})

const NAMES = Array.from({ length: 130 }, (_, i) => `c${i}`)
const WIDE = {
  ...PREVIEW,
  fields: NAMES.map((name) => ({ name, samples: [] })),
  columns: NAMES.filter((name) => name !== 'c115').map(column),
  unmappedFields: ['c115'],
} as LoadPreview

/** The fields of the lines that are shown. */
const shownFields = () => screen.getAllByRole('rowheader').map(({ textContent }) => textContent)

it('Of many lines the first ones are drawn, and those that need a decision, which stay when they are decided', async () => {
  render(<Form mapped={WIDE} columns={{}} />)
  expect(shownFields()).toHaveLength(100)
  expect(shownFields()).toEqual([...NAMES.slice(0, 99), 'c115'])
  expect(screen.getByText('100 of 130 lines are shown, with all that need a decision.')).toBeTruthy()
  await userEvent.click(screen.getByRole('combobox', { name: 'Column for c115' }))
  await userEvent.click(await screen.findByRole('option', { name: 'leave out' }))
  await waitFor(() => expect(screen.getByRole('rowheader', { name: 'c115' }).dataset['ignored']).toBe('true'))
  fireEvent.click(screen.getByRole('button', { name: 'Show 30 more' }))
  expect(shownFields()).toHaveLength(130)
})

it('Lines are found by their names', async () => {
  render(<Form mapped={WIDE} columns={{}} />)
  const field = screen.getByRole('searchbox', { name: 'Find a field or column' })
  const search = (value: string) => fireEvent.change(field, { target: { value } })
  search('c12')
  expect(shownFields()).toEqual(['c12', ...NAMES.slice(120)])
  search('c129')
  fireEvent.click(screen.getByRole('button', { name: 'Expression' }))
  expect(document.activeElement).toBe(screen.getByLabelText('Expression for c129'))
  search('')
  // The changed line stays in sight.
  expect(screen.getByLabelText('Expression for c129')).toBeTruthy()
  expect(shownFields()).toHaveLength(102)
  await userEvent.type(field, 'xyz')
  expect(screen.getByText('No field and no column has this text in its name.')).toBeTruthy()
  search('')
  expect(screen.getByLabelText('Expression for c129')).toBeTruthy()
  expect(document.activeElement).toBe(field)
})

it('A short list is drawn as a whole, without a search', () => {
  render(
    <Form mapped={{ ...WIDE, fields: WIDE.fields.slice(0, 50), columns: WIDE.columns.slice(0, 50) }} columns={{}} />,
  )
  expect(shownFields()).toHaveLength(50)
  expect(screen.queryByRole('searchbox')).toBeNull()
})

it('All fields without a column are left out at once, and the focus stays in the step', async () => {
  const unmappedFields = ['at', 'price']
  const fields = ['city', ...unmappedFields].map((name) => ({ name, samples: ['1'], isUsed: true }))
  const mapped = { ...PREVIEW, fields, unmappedFields } as LoadPreview
  render(<Form mapped={mapped} columns={{}} />)
  await userEvent.click(screen.getByRole('button', { name: 'Leave out 2 fields without a column' }))
  expect(screen.getByText('3 fields to 1 column, 2 left out')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /^Leave out/ })).toBeNull()
  expect(document.activeElement?.textContent).toBe('Columns')
})
