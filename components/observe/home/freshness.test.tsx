// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { Freshness } from './freshness'

afterEach(cleanup)

function renderFreshness(catalogs: readonly string[], medianIntervalMs: number | null = null) {
  const freshness = catalogs.map((catalog) => ({
    table: { catalog, namespace: ['demo'], table: 'flights' },
    lastCommitMs: 1,
    medianIntervalMs,
  }))
  render(<Freshness freshness={freshness} tableCount={freshness.length} nowMs={2} />)
}

it('shows the catalog of each table when there are several catalogs', () => {
  renderFreshness(['far', 'local'])
  expect(screen.getByRole('columnheader', { name: 'Catalog' })).toBeTruthy()
  expect(screen.getByText('far')).toBeTruthy()
  expect(screen.getByText('local')).toBeTruthy()
})

it('hides the catalog when there is only one', () => {
  renderFreshness(['local'])
  expect(screen.queryByRole('columnheader', { name: 'Catalog' })).toBeNull()
})

it('says once that a young lake is not judged yet, instead of a dash in every row', () => {
  renderFreshness(['far', 'local'])
  expect(screen.getByText('delay appears after 4 commits a minute or more apart')).toBeTruthy()
  expect(screen.getAllByRole('columnheader').map(({ textContent }) => textContent)).toEqual([
    'Table',
    'Catalog',
    'Last commit',
  ])
  expect(screen.queryByText('–')).toBeNull()
  expect(screen.queryByLabelText('usual interval unknown')).toBeNull()
})

it('says once why some tables have no delay', () => {
  const flights = { catalog: 'local', namespace: ['demo'], table: 'flights' }
  const freshness = ['a', 'b', 'c'].map((table, index) => ({
    table: { ...flights, table },
    lastCommitMs: 1,
    medianIntervalMs: index === 0 ? 60_000 : null,
  }))
  render(<Freshness freshness={freshness} tableCount={3} nowMs={2} />)
  expect(screen.getAllByText('Delay is shown once a table has 4 commits at least a minute apart.')).toHaveLength(1)
})

it('judges tables that have a usual interval', () => {
  renderFreshness(['local'], 60_000)
  expect(screen.getByText('vs. usual commit interval')).toBeTruthy()
  expect(screen.getByRole('columnheader', { name: 'Delay' })).toBeTruthy()
  expect(screen.queryByText(/Delay is shown/)).toBeNull()
})
