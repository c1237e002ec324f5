import { expect, it } from 'vitest'
import type { LayoutSimulation, SimulatedLayout } from '@/lib/contract/table/layout'
import { layoutDoubts, simulationBasis } from './simulation-basis'

const NONE = { low: 0, estimate: null, high: 0 }
const LAYOUT: SimulatedLayout = {
  label: 'month(day)',
  partitions: NONE,
  files: NONE,
  medianRows: NONE,
  largestRows: NONE,
  skew: NONE,
  smallPartitions: NONE,
  listed: [],
  isListComplete: true,
  exactRows: 50,
  spannedRows: 4_000,
  unboundedRows: 0,
  sampledRows: 4_000,
  isEveryRowRead: true,
}
const SIMULATION: LayoutSimulation = {
  snapshotId: '1',
  rowCount: 4_050,
  dataFileCount: 3,
  dataBytes: 1,
  deleteFileCount: 0,
  targetBytes: 1,
  isTargetSet: false,
  specs: [],
  current: LAYOUT,
  candidates: [],
  sample: { rowCount: 4_050, fileCount: 3, isEveryRow: true, problem: null },
  sortedness: [],
  scans: { reportCount: 0, columns: [] },
}

it.each([
  [{ rowCount: 4_050, fileCount: 3, isEveryRow: true }, 'from the bounds of 3 files and all 4,050 rows'],
  [{ rowCount: 4_000, fileCount: 2, isEveryRow: true }, 'from the bounds of 3 files and all 4,000 rows of 2 of them'],
  [{ rowCount: 4_000, fileCount: 3, isEveryRow: false }, 'from the bounds of 3 files and a sample of 4,000 rows'],
  [{ rowCount: 0, fileCount: 0, isEveryRow: false }, 'from the bounds of 3 files'],
])('A simulation with the sample %o is %s', (sample, text) => {
  expect(simulationBasis({ ...SIMULATION, sample: { ...sample, problem: null } })).toBe(text)
})

it('A simulation says why it has no sample', () => {
  const sample = { rowCount: 0, fileCount: 0, isEveryRow: false, problem: 'No file.' }
  expect(simulationBasis({ ...SIMULATION, sample })).toBe('from the bounds of 3 files, no sample: No file.')
})

it('A layout is estimated unless each row was read that bounds cannot place', () => {
  expect(layoutDoubts(LAYOUT, SIMULATION)).toEqual([])
  expect(layoutDoubts(LAYOUT, { ...SIMULATION, deleteFileCount: 1 })).toEqual(['Deleted rows widen its limits.'])
  const sampled = { ...LAYOUT, isEveryRowRead: false }
  expect(layoutDoubts(sampled, SIMULATION)).toEqual([
    'Estimated from 4,000 sampled rows: file bounds cannot place 4,000 of 4,050 rows.',
  ])
  expect(layoutDoubts({ ...sampled, sampledRows: 0 }, { ...SIMULATION, rowCount: 4_000 })).toEqual([
    'No rows sampled: file bounds cannot place any of the 4,000 rows.',
  ])
})
