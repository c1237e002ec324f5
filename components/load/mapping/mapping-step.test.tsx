// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
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
