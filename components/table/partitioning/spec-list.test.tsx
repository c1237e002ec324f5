// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { FilterPanel } from './filter-panel'
import { unchangedLayout } from './layout-draft'
import { SpecList } from './spec-list'

afterEach(cleanup)

it('The specs of a table and their buttons have their room before the manifests are read', () => {
  const metadata = sampleMetadata({
    partitionSpecs: [
      { specId: 0, fields: [] },
      { specId: 1, fields: [{ sourceId: 1, fieldId: 1000, name: 'date_month', transform: 'month' }] },
    ],
    defaultSpecId: 1,
  })
  const edits = {
    metadata,
    intents: [],
    draft: unchangedLayout(metadata),
    canChange: true,
    notice: null,
    change: () => null,
  }
  render(<SpecList simulation={undefined} edits={edits} />)
  const [, ...rows] = screen.getAllByRole('row')
  expect(rows.map((row) => within(row).getAllByRole('cell')[1]?.textContent)).toEqual([
    'month(date)today',
    'unpartitionedUse again',
  ])
  expect(rows[0]?.textContent).toContain('unknown: not read yet')
})

it('What queries filter on has its heading before it is known, and claims nothing', () => {
  render(<FilterPanel scans={undefined} />)
  expect(screen.getByRole('region', { name: 'What queries filter on' }).textContent).toBe('What queries filter on')
})
