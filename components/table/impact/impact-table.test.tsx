// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { ImpactTable } from './impact-table'

afterEach(cleanup)

const CHANGE = { now: 30, removed: 10, restored: 0, after: 20 }
const IMPACT = {
  rows: CHANGE,
  dataFiles: CHANGE,
  deleteFiles: CHANGE,
  bytes: CHANGE,
  currentSchemaId: 4,
}

it('writes a dash where nothing of the schema is removed or restored, and a zero where that is a count', () => {
  render(<ImpactTable impact={IMPACT} gained="Restored" />)
  const cellsOf = (name: RegExp) =>
    within(screen.getByRole('row', { name }))
      .getAllByRole('cell')
      .map((cell) => cell.textContent)
  expect(cellsOf(/^Schema/)).toEqual(['id 4', '–nothing', '–nothing', 'id 4'])
  expect(cellsOf(/^Rows/)).toEqual(['30', '−10', '0', '20'])
})

it('says that rows are those of data files when delete files may remove some of them', () => {
  const nameOfRows = () => screen.getByRole('rowheader', { name: /^Rows/ }).textContent
  render(<ImpactTable impact={IMPACT} gained="Restored" />)
  expect(nameOfRows()).toBe('Rows in data files')
  cleanup()
  const deleteFiles = { now: 0, removed: 0, restored: 0, after: 0 }
  render(<ImpactTable impact={{ ...IMPACT, deleteFiles }} gained="Restored" />)
  expect(nameOfRows()).toBe('Rows')
})

it('names every column', () => {
  render(<ImpactTable impact={IMPACT} gained="Restored" />)
  const names = screen.getAllByRole('columnheader').map((header) => header.textContent)
  expect(names).toEqual(['Figure', 'Now', 'Removed', 'Restored', 'After'])
})
