// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { getTableLayouts } from '@/lib/contract/table/tables'
import { type LayoutSimulation, type SimulatedLayout, simulateLayouts } from '@/lib/contract/table/layout'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { renderInTable } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { TableLayout } from './table-layout'

const api = stubApi()
beforeEach(() => localStorage.clear())
afterEach(cleanup)

const COUNT = { low: 3, estimate: null, high: 3 }
const TODAY: SimulatedLayout = {
  label: '',
  partitions: COUNT,
  files: COUNT,
  medianRows: COUNT,
  largestRows: COUNT,
  smallPartitions: COUNT,
  skew: COUNT,
  listed: [],
  isListComplete: true,
  exactRows: 30,
  spannedRows: 0,
  unboundedRows: 0,
  sampledRows: 0,
  isEveryRowRead: false,
}

it('Rows are sampled again after that has failed', async () => {
  let problem: string | null = 'Reading it takes longer than 60 seconds.'
  api.mockImplementation((endpoint, { candidates }: { candidates: object[] }) => {
    if (endpoint === getTableLayouts) return { metadata: writeTableMetadata(sampleMetadata()), schemaUses: [] }
    if (endpoint !== simulateLayouts) return undefined
    const simulation: LayoutSimulation = {
      snapshotId: '13',
      rowCount: 30,
      dataFileCount: 3,
      dataBytes: 300,
      deleteFileCount: 0,
      targetBytes: 100,
      isTargetSet: false,
      specs: [],
      current: TODAY,
      candidates: candidates.map(() => ({ ...TODAY, label: 'first' })),
      sample: { rowCount: problem === null ? 30 : 0, fileCount: 3, isEveryRow: problem === null, problem },
      sortedness: [],
      scans: { reportCount: 0, columns: [] },
    }
    return simulation
  })
  renderInTable(<TableLayout />)
  expect(await screen.findByText(/no sample: Reading it takes longer/)).toBeTruthy()
  problem = null
  fireEvent.click(screen.getByRole('button', { name: 'Sample again' }))
  expect(await screen.findByText('from the bounds of 3 files and all 30 rows')).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Sample again' })).toBeNull()
})
