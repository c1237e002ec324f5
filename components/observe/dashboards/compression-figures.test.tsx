// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import type { Compression } from '@/lib/contract/dashboards'
import { render } from '@/testing/components/render'
import { CompressionFigures } from './compression-figures'

afterEach(cleanup)

const MIB = 1024 * 1024
const table = (name: string) => ({ catalog: 'local', namespace: ['demo'], table: name })
const FACTS = {
  configuredCodec: null,
  encodedBytes: null,
  isEstimated: false,
  codecs: [],
}

function figure(label: string): string {
  return screen.getByText(label).closest('div')?.textContent ?? ''
}

test('Sums that leave out files are marked, and end as the history does', () => {
  const known = { plainBytes: 379 * MIB, encodedBytes: 200 * MIB, storedBytes: 144 * MIB }
  const partly = { plainBytes: MIB, encodedBytes: MIB, storedBytes: MIB }
  const data: Pick<Compression, 'tables' | 'input' | 'unreadableCount' | 'files'> = {
    files: { measuredCount: 2, fileCount: 3 },
    input: { bytes: 0, commits: 0, totalCommits: 0 },
    unreadableCount: 0,
    tables: [
      { ...FACTS, table: table('whole'), ...known, compared: known, fileCount: 1, unknownCount: 0 },
      {
        ...FACTS,
        table: table('partly'),
        plainBytes: null,
        storedBytes: MIB,
        compared: partly,
        fileCount: 2,
        unknownCount: 1,
      },
    ],
  }
  render(<CompressionFigures data={data} />)
  expect(figure('Plain')).toContain('≥ 380 MiB')
  expect(figure('Encoded')).toContain('≥ 201 MiB')
  expect(figure('Stored')).toContain('≥ 145 MiB')
  expect(figure('Ratio')).toContain('≈ 2.62 : 1')
  expect(figure('Codec ratio')).toContain('≈ 1.39 : 1')
  expect(figure('Files measured')).toContain('2of 3 live data files')
  cleanup()
  render(
    <CompressionFigures
      data={{ ...data, tables: data.tables.slice(0, 1), files: { measuredCount: 1, fileCount: 1 } }}
    />,
  )
  expect(figure('Stored')).toContain('144 MiB')
  expect(screen.queryByText(/[≥≈]/)).toBeNull()
})

test('A lake without data files says so; one with unreadable tables does not claim it', () => {
  const data = {
    files: { measuredCount: 0, fileCount: 0 },
    input: { bytes: 0, commits: 0, totalCommits: 0 },
    unreadableCount: 0,
    tables: [],
  }
  const { unmount } = render(<CompressionFigures data={data} />)
  expect(figure('Ratio')).toContain('unknown: there are no data files')
  expect(figure('Codec ratio')).toContain('unknown: there are no data files')
  unmount()
  render(<CompressionFigures data={{ ...data, unreadableCount: 1 }} />)
  expect(figure('Ratio')).toContain('unknown: no file’s plain size is known')
  expect(figure('Codec ratio')).toContain('unknown: no footer was read')
})
