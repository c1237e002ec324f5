// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { Freshness } from './freshness'

afterEach(cleanup)

function renderFreshness(catalogs: readonly string[]) {
  const freshness = catalogs.map((catalog) => ({
    place: { catalog, namespace: ['demo'], table: 'flights' },
    lastCommitMs: 1,
    rhythmMs: null,
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
