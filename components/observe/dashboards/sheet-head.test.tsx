// @vitest-environment happy-dom
import { cleanup } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { SheetHead } from './sheet-head'

afterEach(cleanup)

it('A sheet of paper says which part of the lake and which period it covers, and when it was read', () => {
  const span = { fromMs: Date.UTC(2026, 10, 1), toMs: Date.UTC(2026, 10, 22) }
  const readAtMs = Date.UTC(2026, 10, 24, 15, 6, 7)
  const textOf = (scope: Parameters<typeof SheetHead>[0]['scope']) => {
    const { container } = render(<SheetHead title="Ingestion" scope={scope} span={span} readAtMs={readAtMs} />)
    return container.querySelector('p')?.textContent
  }
  expect(textOf({ catalog: 'lake', namespace: ['sales', 'eu'] })).toBe(
    'Ingestion lake / sales.eu, 1 to 21 Novread 24 Nov 2026, 15:06:07 UTC',
  )
  expect(textOf({ catalog: 'lake', namespace: ['sales'], table: 'orders' })).toContain('lake / sales / orders, ')
  expect(textOf({})).toContain('Ingestion all tables, ')
})
