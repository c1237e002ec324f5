// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import type { TableDetail } from '@/lib/contract/table/tables'
import { render } from '@/testing/components/render'
import { TableHeader } from './table-header'

vi.mock('./as-of-control', () => ({ AsOfControl: () => null }))
vi.mock('./lifecycle/table-actions', () => ({ TableActions: () => null }))
afterEach(cleanup)

it.each([
  [1, 'row ≤ 1|live bytes 1 B|data file 1|delete file 1|last commit –unknown: no commits yet'],
  [2, 'rows ≤ 2|live bytes 2 B|data files 2|delete files 2|last commit –unknown: no commits yet'],
])('counts %i in words that agree with the number', (count, text) => {
  const figures = { rowCount: count, liveBytes: count, dataFileCount: count, deleteFileCount: count }
  const shown = { isNow: true, snapshotId: null, committedAtMs: null }
  // The header uses only these parts of the table.
  const detail = {
    figures,
    shown,
    timeline: [],
    formatVersion: 2,
    catalogKind: 'embedded',
    location: 'file:///t',
    properties: {},
  }
  render(
    <TableHeader
      table={{ catalog: 'local', namespace: ['demo'], table: 't' }}
      detail={detail as unknown as TableDetail}
      figures="shown"
    />,
  )
  const figureTexts = screen.getAllByRole('term').map((term) => `${term.textContent} ${term.nextSibling?.textContent}`)
  expect(figureTexts.join('|')).toBe(text)
})
