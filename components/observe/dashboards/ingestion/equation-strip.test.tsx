// @vitest-environment happy-dom
import { cleanup, screen, within } from '@testing-library/react'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { TERMS } from '@/lib/facts/terms'
import { render } from '@/testing/components/render'
import { sampleIngestion, sums } from '@/testing/components/sample-ingestion'
import { propertyRuns } from '@/testing/property-cases'
import { amountFormat } from './amount-format'
import { EquationStrip } from './equation-strip'

afterEach(cleanup)

type Data = Parameters<typeof EquationStrip>[0]['data']

/** The figures of the strip: name, operator and number. */
function renderStrip(data: Data): { label: string; value: string; note: string }[] {
  render(<EquationStrip data={data} format={amountFormat('rows')} ends={{ start: '1 Nov 00:00', end: null }} />)
  const strip = screen.getByLabelText('Equation of the period')
  return within(strip)
    .getAllByRole('term')
    .map((term) => {
      const [value, note] = [...(term.parentElement?.querySelectorAll('dd') ?? [])].map((dd) => dd.textContent.trim())
      return { label: term.textContent, value: value ?? '', note: note ?? '' }
    })
}

const toNumber = (text: string) => Number(text.replaceAll(',', '').replace('−', '-').replaceAll(' ', ''))

describe('The strip of a period', () => {
  it('is an equation from the rows at its start to those at its end', () => {
    const terms = { 'came-in': 250_000, removed: 7, 'taken-back': 50_000, moved: 199_993 }
    const data = sampleIngestion({ days: [terms], start: 1_000, takenBackCommits: 2 })
    const previousTerms = sums({ 'came-in': 200_000 })
    expect(renderStrip({ ...data, previousTerms, freedBytes: 3 * 2 ** 30 })).toEqual([
      { label: 'Rows, 1 Nov 00:00', value: '1,000', note: '1 table' },
      { label: 'Came in', value: '+ 250,000', note: '+25.0% against before' },
      { label: 'Removed', value: '− 7', note: 'none before' },
      { label: 'Taken back', value: '− 50,000', note: '2 commits, none before' },
      { label: 'Rows now', value: '= 200,993', note: 'net +199,993' },
      { label: 'Moved', value: '199,993', note: 'in no sum' },
      { label: 'Freed', value: '3.00 GiB', note: 'by expiry' },
    ])
  })

  it('adds up to the digit, whatever the terms are', () => {
    const amount = fc.integer({ min: 0, max: 10 ** 12 })
    const change = fc.integer({ min: -(10 ** 12), max: 10 ** 12 })
    const terms = fc.record(
      Object.fromEntries(
        TERMS.map((term) => [term, ['came-in', 'removed', 'moved', 'replaced'].includes(term) ? amount : change]),
      ),
    )
    fc.assert(
      fc.property(terms, amount, (day, start) => {
        const figures = renderStrip(sampleIngestion({ days: [day], start }))
        cleanup()
        const end = figures.findIndex(({ value }) => value.startsWith('='))
        const added = figures.slice(0, end).reduce((total, { value }) => total + toNumber(value), 0)
        expect(added).toBe(toNumber(figures[end]?.value.slice(1) ?? ''))
      }),
      propertyRuns(),
    )
  })
})
