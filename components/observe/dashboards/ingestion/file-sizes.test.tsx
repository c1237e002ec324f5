// @vitest-environment happy-dom
import { screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { dayMs } from '@/testing/components/sample-ingestion'
import { FileSizes } from './file-sizes'

const MIB = 1024 ** 2
const step = (day: number, medianBytes: number) => ({
  startMs: dayMs(day),
  tenthBytes: medianBytes / 4,
  medianBytes,
  ninetiethBytes: medianBytes * 2,
})

it('Sizes of files are written in bytes on an axis of powers, with the target of their tables', () => {
  const files = { stepDays: 1, commits: 8, smallCommits: 6, smallBytes: 32 * MIB }
  const { container } = render(
    <FileSizes
      files={{
        ...files,
        steps: [step(0, 8 * MIB), step(1, 8 * MIB), step(4, 16 * MIB)],
        target: { leastBytes: 512 * MIB, mostBytes: 512 * MIB },
      }}
    />,
  )
  expect(screen.getByText(/75.*% of 8 commits brought files under 32.0 MiB/).textContent).toContain('aim at 512 MiB')
  expect(container.textContent).toContain('median 16.0 MiB')
  expect(container.textContent).toContain('target 512 MiB')
  // The area between nine tenths and a tenth has the corners of both, and neither edge is a line.
  expect(container.querySelector('[data-band]')?.getAttribute('d')?.match(/,/g)).toHaveLength(6)
  expect([...container.querySelectorAll('path[stroke]')].map((path) => path.getAttribute('stroke-width'))).toEqual([
    '0',
    '1.75',
    '0',
    '1.75',
  ])
})
