// @vitest-environment happy-dom
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { addField, renameNewField, addedFields } from './layout-edits'
import { useLayoutEdits } from './use-layout-edits'

const METADATA = sampleMetadata({
  partitionSpecs: [{ specId: 0, fields: [{ sourceId: 1, fieldId: 1000, name: 'first', transform: 'identity' }] }],
})

stubApi()
beforeEach(() => localStorage.clear())
afterEach(cleanup)

function Edited() {
  const edits = useLayoutEdits(METADATA)
  if (edits === null) return <p>reading</p>
  const { draft, notice, intents, change } = edits
  return (
    <>
      <output aria-label="fields">{draft.partitionFields.map(({ name }) => name).join(', ')}</output>
      <output aria-label="tray">{intents.length}</output>
      {notice !== null && <p role="alert">{notice}</p>}
      <button
        onClick={() =>
          change((known, toDraft) => {
            const { partitionFields } = toDraft(known)
            return addField(METADATA, known, { sourceId: 2, transform: `bucket[${partitionFields.length + 3}]` })
          })
        }
      >
        Add
      </button>
      <button
        onClick={() =>
          change((known) => addedFields(known).reduce((all, field) => renameNewField(all, field, 'first'), known))
        }
      >
        Name it as another
      </button>
    </>
  )
}

const fields = () => screen.getByLabelText('fields').textContent

it('A layout without changes is that of the table, and its first change is made once its code is there', async () => {
  renderInTable(<Edited />)
  expect(fields()).toBe('first')
  expect(screen.getByLabelText('tray').textContent).toBe('0')
  fireEvent.click(screen.getByRole('button', { name: 'Add' }))
  await waitFor(() => expect(fields()).toMatch(/^first, .*bucket_4$/))
  expect(screen.getByLabelText('tray').textContent).toBe('1')
  expect(screen.queryByRole('alert')).toBeNull()
})

it('A change that the table does not allow is refused with the reason', async () => {
  renderInTable(<Edited />)
  fireEvent.click(screen.getByRole('button', { name: 'Add' }))
  await waitFor(() => expect(fields()).toMatch(/bucket_4$/))
  fireEvent.click(screen.getByRole('button', { name: 'Name it as another' }))
  expect((await screen.findByRole('alert')).textContent).toMatch(/first/)
  expect(fields(), 'the tray stays as it was').toMatch(/bucket_4$/)
})
