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

test('Plain and the ratio are those at the end of the history, also while a file of a table is not known', () => {
  const known = { plainBytes: 379 * MIB, storedBytes: 144 * MIB }
  const partly = { plainBytes: MIB, storedBytes: MIB }
  const data: Pick<Compression, 'tables' | 'input' | 'unreadableCount'> = {
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
  expect(screen.getByText('380 MiB')).toBeDefined()
  expect(screen.getByText('2.62 : 1')).toBeDefined()
  expect(screen.getByText('1 file not measured')).toBeDefined()
})
