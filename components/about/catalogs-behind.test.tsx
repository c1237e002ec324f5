// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { CatalogsBehind } from './catalogs-behind'

afterEach(cleanup)

it('Figures of a catalog that does not answer say why, and up to when they are complete', () => {
  render(
    <CatalogsBehind
      behind={[
        { catalog: 'prod', reason: 'problem', code: 'catalog-unavailable', completeAtMs: Date.now() - 600_000 },
        { catalog: 'local', reason: 'stopped', code: null, completeAtMs: Date.now() - 600_000 },
        { catalog: 'other', reason: 'late', code: null, completeAtMs: null },
      ]}
    />,
  )
  expect([...screen.getByRole('status').querySelectorAll('p')].map(({ textContent }) => textContent)).toEqual([
    'prod cannot be read. The catalog did not answer. Its figures are complete up to 10 min ago.',
    'local is not read: no worker adds its changes to the history. Its figures are complete up to 10 min ago.',
    'other has tables that were not read in time. Not all of its tables have been read yet.',
  ])
})
