import type { LayoutSimulation, SimulatedLayout } from '@/lib/contract/table/layout'
import { formatCount, formatQuantity } from '@/lib/format/count'

/** The files and rows that a simulation was computed from. */
export function simulationBasis({ rowCount, dataFileCount, sample }: LayoutSimulation): string {
  const files = `from the bounds of ${formatQuantity(dataFileCount, 'file')}`
  if (sample.problem !== null) return `${files}, no sample: ${sample.problem}`
  if (sample.rowCount === 0) return files
  const rows = formatQuantity(sample.rowCount, 'row')
  if (!sample.isEveryRow) return `${files} and a sample of ${rows}`
  if (sample.rowCount === rowCount) return rowCount === 1 ? `${files} and its row` : `${files} and all ${rows}`
  return `${files} and all ${rows} of ${formatCount(sample.fileCount)} of them`
}

/** Reasons why the limits of a layout are not exact. */
export function layoutDoubts(
  { spannedRows, sampledRows, isEveryRowRead }: SimulatedLayout,
  { rowCount, deleteFileCount }: Pick<LayoutSimulation, 'rowCount' | 'deleteFileCount'>,
): string[] {
  const rows = formatQuantity(rowCount, 'row')
  const isAll = spannedRows === rowCount && rowCount > 1
  const unplaced = isAll ? `any of the ${rows}` : `${formatCount(spannedRows)} of ${rows}`
  const basis = sampledRows > 0 ? `Estimated from ${formatQuantity(sampledRows, 'sampled row')}` : 'No rows sampled'
  return [
    ...(spannedRows > 0 && !isEveryRowRead ? [`${basis}: file bounds cannot place ${unplaced}.`] : []),
    ...(deleteFileCount > 0 ? ['Deleted rows widen its limits.'] : []),
  ]
}
