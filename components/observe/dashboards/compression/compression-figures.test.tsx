// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import type { Compression } from '@/lib/contract/dashboards'
import { sharedUnit } from '@/lib/format/shared-unit'
import { render } from '@/testing/components/render'
import { sampleCompression } from '@/testing/components/sample-compression'
import { Candidates } from './candidates'
import { MadeOf } from './made-of'
import type { StorageCut } from '@/lib/facts/storage-cuts'
import { CUTS, type Cut, toMadeOfRows } from './made-of-rows'
import { SizeChanges, toMarks } from './size-changes'
import { SizeLines } from './size-lines'
import { SizesStrip } from './sizes-strip'

afterEach(cleanup)

function open(data: Compression, cut: Cut = 'column') {
  const unit = sharedUnit(data.sizes.storedBytes)
  render(
    <>
      <SizesStrip data={data} unit={unit} />
      <SizeLines data={data} unit={unit} scale="linear" onScale={() => {}} marks={[]} rangeEndMs={null} />
      <MadeOf data={data} unit={unit} cut={cut} onCut={() => {}} />
    </>,
  )
}
const figures = () =>
  Object.fromEntries(
    [...screen.getByLabelText('Sizes').children].map((figure) => {
      const [label, value, note] = [...figure.children].map(({ textContent }) => textContent)
      return [label, [value, note]]
    }),
  )
const lastLine = () =>
  within(screen.getByRole('table', { name: 'What makes it up' }))
    .getAllByRole('row')
    .at(-1)
    ?.textContent.replaceAll(/\s/g, '')

const GIB = 2 ** 30
/** The files that were read, which have 180 GiB. */
const withGroups = (by: StorageCut = 'age') =>
  sampleCompression({
    fileGroups: {
      by,
      groups: [
        { kind: 'named', name: '2026-11', plainBytes: 700 * GIB, encodedBytes: 300 * GIB, storedBytes: 100 * GIB },
        { kind: 'unknown', name: '', plainBytes: 200 * GIB, encodedBytes: 60 * GIB, storedBytes: 80 * GIB },
      ],
    },
  })

describe('The sizes of the page', () => {
  it.each(CUTS)(
    'are the same to the digit in the strip, at the ends of the lines, and in the last line by %s',
    (cut) => {
      open(withGroups(cut === 'writer' ? 'writer' : 'age'), cut)
      expect(figures()).toMatchObject({
        Plain: ['≈ 1,000.0 GiB', '+500.0 since 31 Oct'],
        Encoded: ['≈ 400.0 GiB', '2.50 : 1 by encodings'],
        Stored: ['205.0 GiB', '1.95 : 1 by codecs'],
        Ratio: ['≈ 4.88 : 1', '4.88 on 31 Oct'],
        'Footers read': ['90.0%', '90 of 100 files'],
      })
      const chart = screen.getByRole('application')
      for (const text of ['plain ≈ 1,000.0', 'encoded ≈ 400.0', 'stored 205.0', 'footers 90.0%'])
        expect(chart.textContent).toContain(text)
      expect(lastLine()).toContain('≈1,000.0≈400.0205.0')
      expect(lastLine()).toContain('≈4.88')
    },
  )

  it.each(CUTS)('are the sums of the rows by %s', (cut) => {
    const data = withGroups()
    const { rows, lastRows } = toMadeOfRows(data, cut)
    for (const size of ['plainBytes', 'encodedBytes', 'storedBytes'] as const) {
      const parts = [...rows, ...lastRows.slice(0, -1)]
      expect(parts.reduce((total, row) => total + (row[size] ?? 0), 0)).toBe(lastRows.at(-1)?.[size])
    }
  })

  it('are those of the former cut until the others are read, and are not shown as these', () => {
    open(withGroups('writer'), 'age')
    expect(screen.queryByRole('table', { name: 'What makes it up' })).toBeNull()
  })

  it('are grouped by whole files of now only', () => {
    open(withGroups(), 'age')
    const rows = within(screen.getByRole('table', { name: 'What makes it up' })).getAllByRole('row')
    expect(rows.map(({ textContent }) => textContent.slice(0, 20))).toEqual([
      expect.stringMatching(/^Age/),
      expect.stringMatching(/^Nov 2026/),
      'Commit not known200.',
      expect.stringMatching(/^Delete files/),
      expect.stringMatching(/^Files that were not/),
      expect.stringMatching(/^Stored/),
    ])
    cleanup()
    open({ ...sampleCompression(), readAtMs: sampleCompression().span.toMs }, 'writer')
    expect(screen.getByText(/Choose a period that ends now/)).toBeDefined()
    expect(screen.queryByRole('table', { name: 'What makes it up' })).toBeNull()
  })

  it('are those of the files that were read while these are few, with the share that they are of', () => {
    const data = sampleCompression()
    open({
      ...data,
      sizes: {
        ...data.sizes,
        plainBytes: 60 * 2 ** 30,
        encodedBytes: 40 * 2 ** 30,
        unreadBytes: 185 * 2 ** 30,
        isProjected: false,
      },
      levels: data.levels.map((level) => ({ ...level, plainBytes: null, encodedBytes: null, readShare: 0.075 })),
    })
    expect(figures()).toMatchObject({
      Plain: ['60.0 GiB', 'of 7.5% of the bytes'],
      Stored: ['205.0 GiB', '185.0 not read yet'],
      // Compared with the files that were read.
      Ratio: ['3.00 : 1', 'plain to stored'],
    })
    expect(screen.getByText(/is not in these sizes: they cover 7.5% of the bytes/)).toBeDefined()
  })

  it('say that they are not known of Avro and ORC, whose files are stored', () => {
    const data = sampleCompression()
    open({
      ...data,
      sizes: {
        ...data.sizes,
        plainBytes: 0,
        encodedBytes: 0,
        unreadBytes: 200 * 2 ** 30,
        footerBytes: 0,
        isProjected: false,
      },
      levels: data.levels.map((level) => ({ ...level, plainBytes: null, encodedBytes: null, readShare: 0 })),
      files: { ...data.files, read: 0, otherFormat: 100 },
      codecs: [],
      columns: [],
    })
    expect(figures()['Plain']?.[1]).toBe('not known for Avro and ORC')
    expect(figures()['Stored']?.[0]).toBe('205.0 GiB')
    expect(screen.getByText(/100 files are Avro or ORC/)).toBeDefined()
  })
})

const orders = { catalog: 'local', namespace: ['shop'], table: 'orders' }
const change = { table: orders, writer: null, codec: null, commits: 0, bytesBefore: null, bytesAfter: null }

it('Changes have the number of the charts, the newest first', () => {
  const changes = [
    { ...change, kind: 'codec' as const, atMs: Date.UTC(2026, 10, 3, 5), codec: 'zstd' },
    {
      ...change,
      kind: 'rewrite' as const,
      atMs: Date.UTC(2026, 10, 4, 6),
      writer: 'eva',
      commits: 2,
      bytesBefore: 2_048,
      bytesAfter: 1_024,
    },
  ]
  render(<SizeChanges data={{ changes, changeCount: 2 }} />)
  expect(toMarks(changes).map(({ number, atMs }) => [number, atMs])).toEqual([
    [1, changes[0]?.atMs],
    [2, changes[1]?.atMs],
  ])
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    '24 Nov 06:00eva rewrote files in 2 commits on shop.orderslive −1.00 KiB, −50.0% of 2.00 KiB',
    '13 Nov 05:00zstd set on shop.ordersnew files only',
  ])
})

it('A candidate says what is written instead, and has a forecast only from codecs that were tried', () => {
  const candidate = {
    table: orders,
    codec: 'zstd',
    written: [
      { codec: 'zstd', storedBytes: 600 },
      { codec: 'snappy', storedBytes: 400 },
    ],
    otherwiseBytes: 400,
    storedBytes: 1_100,
    forecast: null,
  }
  render(<Candidates data={{ ...sampleCompression(), candidates: [candidate], candidateCount: 1 }} />)
  const [, row] = screen.getAllByRole('row')
  expect(row?.textContent).toContain('zstd is set, 40.0% written as snappy')
  expect(row?.textContent).toContain('not sampled')
  expect(screen.getByRole('link', { name: 'Plan a rewrite of shop.orders' }).getAttribute('href')).toMatch(
    /\/compression\?rewrite=true$/,
  )
})

it('A rewrite has what samples had foretold next to what came, also where more came', () => {
  const rewrite = (run: string, bytesAfter: number, forecastBytes: number | null) => ({
    run,
    atMs: Date.UTC(2026, 10, 4),
    table: orders,
    files: 3,
    bytesBefore: 4_096,
    bytesAfter,
    codecs: 'zstd 3',
    forecastBytes,
  })
  const done = [rewrite('a', 1_024, -2_048), rewrite('b', 2_048, null)]
  render(<Candidates data={{ ...sampleCompression(), done }} />)
  const table = screen.getByRole('table', { name: 'Rewrites of this period' })
  expect(within(table).getByText(/150.*% came/).parentElement?.textContent).toBe('≈ −2.00 KiB 150.0% came')
  expect(screen.getByText(/^forecast/).textContent).toBe(
    'forecast ≈ −2.00 KiB for 1 of 2, came −3.00 KiB, 150.0%; all came −5.00 KiB',
  )
})
