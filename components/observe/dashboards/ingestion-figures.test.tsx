// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import type { LakeCommit } from '@/lib/contract/shapes/lake'
import { render } from '@/testing/components/render'
import { IngestionFigures } from './ingestion-figures'
import { NewestCommits } from './newest-commits'

afterEach(cleanup)

const TOTALS = {
  rows: 721,
  bytes: 0,
  files: 1,
  commits: 1,
  removedRows: 800,
  tables: 1,
  meanFileBytes: null,
  meanFileCount: 0,
  inputBytes: 0,
  inputCommits: 0,
  commitsWithoutCounts: 0,
}

it('says that rows of rewritten files count twice', () => {
  render(<IngestionFigures totals={TOTALS} before={{ rows: 0, bytes: 0, files: 0, commits: 0 }} />)
  expect(screen.getByText('Rows removed').parentElement?.textContent).toBe(
    'Rows removed800rewritten rows count as both removed and added',
  )
})

it.each([
  ['500 filesmean 968 B', { files: 500, meanFileBytes: 968, meanFileCount: 500 }],
  ['620 filesmean 968 B, of 500 of them', { files: 620, meanFileBytes: 968, meanFileCount: 500 }],
  ['20 filesmean size not known', { files: 20, meanFileBytes: null, meanFileCount: 0 }],
  ['0 filesno files added', { files: 0, meanFileBytes: null, meanFileCount: 0 }],
])('names the mean size of added files, and of how many: %s', (shown, totals) => {
  render(<IngestionFigures totals={{ ...TOTALS, ...totals }} before={{ rows: 0, bytes: 0, files: 0, commits: 0 }} />)
  expect(screen.getByText('Files added').parentElement?.textContent).toBe(`Files added${shown.replace(' files', '')}`)
})

it('says it at the rows of an overwrite, and of no append', () => {
  const commit = (snapshotId: string, operation: string): LakeCommit => ({
    table: { catalog: 'local', namespace: ['demo'], table: 'flights' },
    snapshotId,
    atMs: 1,
    operation,
    writer: 'admin · PyIceberg 0.12.0',
    addedRows: 721,
    removedRows: 800,
    addedBytes: 0,
    removedBytes: 0,
    addedFiles: 1,
    removedFiles: 1,
    inputBytes: null,
  })
  render(<NewestCommits commits={[commit('1', 'overwrite'), commit('2', 'append')]} totalCount={2} />)
  const titles = screen.getAllByText('+721').map((cell) => cell.parentElement?.getAttribute('title'))
  expect(titles).toEqual([expect.stringContaining('did not change'), null])
  expect(screen.getAllByText('admin · PyIceberg 0.12.0')).toHaveLength(2)
})
