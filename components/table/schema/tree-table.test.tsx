// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { treeRows } from './tree-rows'
import { TreeTable } from './tree-table'

afterEach(cleanup)

const ROWS = treeRows({
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'at', type: 'timestamp', required: false }],
})
const CELLS = {
  lead: () => null,
  name: () => 'at',
  type: () => 'timestamp',
  required: () => null,
  default: () => <input aria-label="Default of at" />,
  doc: () => null,
  actions: () => null,
  details: () => null,
}

/** The room of the default's field, as the style sheet gives it to the cell. */
function roomOfDefault(hasDefaults: boolean) {
  render(
    <TreeTable
      lines={ROWS.map((row) => ({ kind: 'column', row, isOpen: true }))}
      cells={CELLS}
      hasDefaults={hasDefaults}
    />,
  )
  return {
    headerWidth: screen.getByRole('columnheader', { name: 'Default' }).style.width,
    className: screen.getByLabelText('Default of at').parentElement?.className ?? '',
  }
}

it('gives the field of a default room for a timestamp where columns can have one', () => {
  const { headerWidth, className } = roomOfDefault(true)
  expect(headerWidth).toBe('200px')
  expect(className).toMatch(/default/)
})

it('gives it none where the format version has no defaults', () => {
  const { headerWidth, className } = roomOfDefault(false)
  expect(headerWidth).toBe('110px')
  expect(className).toBe('')
})

it.each([true, false])('gives the type the room of its select, whether the row is open (%s) or not', (isOpen) => {
  render(<TreeTable lines={ROWS.map((row) => ({ kind: 'column', row, isOpen }))} cells={CELLS} />)
  expect(screen.getByText('timestamp', { selector: '[class*=editableType]' })).toBeTruthy()
})
