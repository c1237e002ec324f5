// @vitest-environment happy-dom
import { cleanup } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { render } from '@/testing/components/render'
import { ByteMap } from './byte-map'

afterEach(cleanup)

/** The parts of a file with a chunk of 100 bytes and a footer of 50. */
function partsOf(byteLength: number) {
  const footer = { rowGroups: [{ columns: [{ storedBytes: 100 }] }], footerBytes: 50 }
  const { container } = render(<ByteMap inspected={{ footer, byteLength }} chosenGroup={null} />)
  const parts = [...container.querySelectorAll('p span')].map(({ textContent }) => textContent)
  cleanup()
  return parts
}

test('The frame of a Parquet file is named, and no index is where there is none', () => {
  expect(partsOf(162)).toEqual(['100 B column chunks', '50 B footer', '12 B PAR1 and footer length'])
  expect(partsOf(192)).toEqual([
    '100 B column chunks',
    '30 B indexes, bloom filters and gaps',
    '50 B footer',
    '12 B PAR1 and footer length',
  ])
})
