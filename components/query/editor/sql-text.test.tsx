// @vitest-environment happy-dom
import { cleanup } from '@testing-library/react'
import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { propertySeed } from '@/testing/property-cases'
import { SqlText } from './sql-text'

afterEach(cleanup)

function renderSql(sql: string, dialect: string): HTMLElement {
  const { getByRole } = render(
    <figure>
      <SqlText sql={sql} dialect={dialect} />
    </figure>,
  )
  return getByRole('figure')
}

it('keeps the text unchanged in every dialect', () => {
  const sql = fc.string({
    unit: fc.constantFrom('select ', '"a"', '`b`', "'c", '--', '/*', '<b>', '&lt;', '\n', '$$', '1', ';', 'é'),
    maxLength: 20,
  })
  fc.assert(
    fc.property(sql, fc.constantFrom('spark', 'duckdb', 'trino', 'no such engine'), (text, dialect) => {
      expect(renderSql(text, dialect).textContent).toBe(text)
      cleanup()
    }),
    { numRuns: 50, seed: propertySeed() },
  )
})

it('never renders the text as HTML', () => {
  const page = renderSql(`select '<img src=x onerror=alert(1)>' -- <script>alert(2)</script>`, 'spark')
  expect(page.querySelectorAll('img, script')).toHaveLength(0)
})

it('highlights no keyword inside a quoted name', () => {
  const keywords = (dialect: string) =>
    [...renderSql('select `from` from "select"', dialect).querySelectorAll('[class*="keyword"]')].map(
      ({ textContent }) => textContent,
    )
  expect(keywords('spark')).toEqual(['select', 'from'])
  cleanup()
  expect(keywords('duckdb')).toEqual(['select', 'from', 'from'])
})

it('takes a parameter for no keyword', () => {
  const page = renderSql('select $from, $1 where a = $until', 'duckdb')
  const texts = (part: string) => [...page.querySelectorAll(`[class*="${part}"]`)].map(({ textContent }) => textContent)
  expect(texts('keyword')).toEqual(['select', 'where'])
  expect(texts('number')).toEqual(['$from', '$1', '$until'])
})

it('shows a very long text in full, without colours', () => {
  const long = `select ${'1, '.repeat(40_000)}1`
  const page = renderSql(long, 'spark')
  expect(page.textContent).toBe(long)
  expect(page.querySelectorAll('span')).toHaveLength(0)
})

it('marks characters that change the direction of text, in texts and around them', () => {
  const text = renderSql("select '\u202eabc' from t \u2066x", 'duckdb').textContent
  expect(text).toBe("select '[U+202E]abc' from t [U+2066]x")
})
