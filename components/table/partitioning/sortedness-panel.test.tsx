// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import type { Sortedness } from '@/lib/contract/table/layout'
import { render } from '@/testing/components/render'
import { SortednessPanel } from './sortedness-panel'

afterEach(cleanup)

const file = (partition: number, from: number, to: number) => ({
  partition,
  lower: String(from),
  upper: String(to),
  from,
  to,
  isOverlapping: false,
})
const SORTED: Sortedness = {
  fieldId: 1,
  column: 'id',
  comparedFiles: 4,
  partitionCount: 2,
  overlappingFiles: 0,
  unknownFiles: 0,
  averageFilesPerValue: 1.8,
  mostFilesPerValue: 2,
  exampleFiles: [file(0, 0, 0.5), file(0, 0.5, 1), file(1, 0, 0.4), file(1, 0.5, 0.9)],
}
const panelText = () => screen.getByRole('region', { name: 'How sorted the files are' }).textContent

it('says that files overlap within a partition only, as the bars are drawn', () => {
  const { container } = render(<SortednessPanel sortedness={SORTED} />)
  expect(panelText()).toContain('bounds of id, within each of 2 partitions')
  expect(panelText()).toContain('No files overlap within a partition')
  expect(panelText()).toContain('4 do not overlap another file of their partition')
  expect(panelText()).toContain(
    'Looking up one id in all 2 partitions opens 1.8 of 4 files on average, 2 at most. Files of different partitions can hold the same values',
  )
  const bars = [...container.querySelectorAll('[aria-hidden] span[title]')]
  expect(bars.map((bar) => bar.hasAttribute('data-begins-partition'))).toEqual([false, false, true, false])
  expect(bars[2]?.getAttribute('title')).toBe('0 to 0.4, partition 2 of 2')
  expect(panelText()).toContain('a gap between partitions')
})

it('says nothing of partitions where the files are in one', () => {
  const exampleFiles = SORTED.exampleFiles.map((drawn, i) => ({ ...drawn, partition: 0, isOverlapping: i < 2 }))
  render(<SortednessPanel sortedness={{ ...SORTED, partitionCount: 1, overlappingFiles: 2, exampleFiles }} />)
  expect(panelText()).not.toContain('partition')
  expect(panelText()).toContain('2 files overlap')
  expect(panelText()).toContain('2 do not overlap')
})
