// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { listCatalogs, type CatalogEntry } from '@/lib/contract/catalogs'
import { renderInTable, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { ReviewedEntry } from './catalog-name'

const call = stubApi()
afterEach(cleanup)

const LOCAL: CatalogEntry = {
  name: 'local',
  kind: 'embedded',
  warehouse: null,
  namespaceCount: null,
  abilities: [],
  problem: null,
}

function renderWith(catalogs: CatalogEntry[]) {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listCatalogs) return { catalogs }
    throw new Error('unexpected call')
  })
  renderInTable(
    <div data-testid="entry">
      <ReviewedEntry entry={SAMPLE_IDENTIFIER} />
    </div>,
  )
}

it('names the catalog of an entry if the user may enter others', async () => {
  renderWith([LOCAL, { ...LOCAL, name: 'prod', kind: 'rest' }])
  await screen.findByText('demo.flights')
  expect(screen.getByTestId('entry').textContent).toBe('local › demo.flights')
})

it('shows the label of the connection, also of the only catalog', async () => {
  renderWith([{ ...LOCAL, label: { text: 'production', color: 'clay' } }])
  await screen.findByText('production')
  expect(screen.getByTestId('entry').textContent).toBe('demo.flightsproduction')
})
