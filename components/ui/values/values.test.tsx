// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { Bytes } from './bytes'
import { Count } from './count'
import { RelativeTime } from './relative-time'
import { render } from '@/testing/components/render'
import { Mono } from './mono'
import { PathText } from './path-text'
import { QualifiedName } from './qualified-name'
import { ShortenedName } from './shortened-name'
import { Unknown } from './unknown'

afterEach(cleanup)

it('distinguishes zero, an unknown value and a figure', () => {
  render(
    <>
      <p>
        <Count value={0} />
      </p>
      <p>
        <Count value={null} reason="not in the summary" />
      </p>
      <p>
        <Count value={9_007_199_254_740_993n} />
      </p>
    </>,
  )
  const texts = screen.getAllByRole('paragraph').map((paragraph) => paragraph.textContent)
  expect(texts).toEqual(['0', '–unknown: not in the summary', '9,007,199,254,740,993'])
})

it('shows the exact bytes on hover and marks an estimate', () => {
  render(<Bytes value={10_565_701_632} approximate="from the footer" />)
  const bytes = screen.getByTitle('10,565,701,632 bytes, from the footer')
  expect(bytes.textContent).toBe('≈ 9.84 GiB')
})

it('says why a figure is unknown', () => {
  render(<Unknown reason="no footer was read" />)
  expect(screen.getByTitle('no footer was read')).toBeTruthy()
})

it('shows a relative time with the exact time in its title', () => {
  vi.useFakeTimers({ now: 1_800_000_000_000 })
  const { unmount } = render(<RelativeTime atMs={1_800_000_000_000 - 50_000} />)
  const time = screen.getByText('50 s ago')
  expect(time.getAttribute('datetime')).toBe(new Date(1_800_000_000_000 - 50_000).toISOString())
  expect(time.title).toContain('1799999950000 ms since 1970')
  unmount()
  vi.useRealTimers()
})

it('keeps the end of a long name apart from its start, which gives way first', () => {
  render(
    <>
      <p>
        <ShortenedName>{'customer_lifetime_value_rolling_average_30d'}</ShortenedName>
      </p>
      <p>
        <ShortenedName>arrival_delay</ShortenedName>
      </p>
    </>,
  )
  const [long, short] = screen.getAllByRole('paragraph')
  expect(long?.textContent).toBe('customer_lifetime_value_rolling_average_30d')
  expect(long?.firstElementChild?.lastElementChild?.textContent).toBe('verage_30d')
  expect(short?.children).toHaveLength(0)
})

it('marks what is not drawn in names and paths', () => {
  const path = 'file:///lake/da\u202eta/a\u2066b.parquet'
  render(
    <>
      <p>
        <PathText>{path}</PathText>
      </p>
      <p>
        <Mono title={path}>{path}</Mono>
      </p>
    </>,
  )
  const shown = 'file:///lake/da[U+202E]ta/a[U+2066]b.parquet'
  expect(screen.getAllByRole('paragraph').map(({ textContent }) => textContent)).toEqual([shown, shown])
  expect(screen.getByTitle(shown).textContent).toBe(shown)
})

it('cuts the middle of a name that is too long, so that its end is shown, and the whole name is its label', () => {
  const name = 'customer_lifetime_value_daily_🦆_by_region_and_day'
  const { container } = render(<QualifiedName prefix="a_long_namespace" name={name} />)
  const [prefix, , , end] = container.querySelectorAll('span > span')
  expect(prefix?.textContent).toBe('a_long_namespace')
  expect(end?.textContent).toBe('gion_and_day')
  expect(container.querySelector('span')?.textContent).toBe(`a_long_namespace.${name}`)
})

it('leaves no gap after a short start of a name', () => {
  const leastWidths = ['orders_renamed', 'customer_lifetime_value'].map((name) => {
    const { container, unmount } = render(<QualifiedName prefix="lab" name={name} />)
    const start = container.querySelector<HTMLElement>('span > span:nth-child(3)')
    const found = [start?.textContent, start?.style.minWidth]
    unmount()
    return found
  })
  expect(leastWidths).toEqual([
    ['or', '0.5em'],
    ['customer_li', '1.5em'],
  ])
})
