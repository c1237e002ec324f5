// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { DifferentFromLake, EqualToLake } from './history-check'

afterEach(cleanup)

const equal = { atMs: 1, comparedCount: 7, uncomparedCount: 0, differentCount: 0, different: [] }
const table = { catalog: 'local', namespace: ['sales'], table: 'orders' }
const different = [{ table, rows: 40, files: 0, bytes: -1024 }]

it('The page says that the history is equal to the lake only where tables were compared', () => {
  render(<EqualToLake check={equal} />)
  expect(screen.getByText(/^equal to the lake, checked/)).toBeTruthy()
  cleanup()
  render(<EqualToLake check={{ ...equal, uncomparedCount: 2 }} />)
  expect(screen.getByText(/^7 of 9 tables equal to the lake/).title).toBe(
    'The manifests of 2 tables have not been read for it.',
  )
  for (const check of [null, { ...equal, comparedCount: 0 }, { ...equal, differentCount: 1, different }]) {
    cleanup()
    render(<EqualToLake check={check} />)
    expect(screen.queryByText(/equal to the lake/)).toBeNull()
  }
})

it('The page names tables whose history differs, with both sides of the difference', () => {
  render(<DifferentFromLake check={{ ...equal, differentCount: 3, different }} />)
  expect(screen.getByText(/^The history of 3 tables is not equal to the lake/)).toBeTruthy()
  expect(screen.getByText(/40 rows/).textContent).toBe('sales.orders +40 rows, 0 files, −1.00 KiB')
  expect(screen.getByText('and 2 more.')).toBeTruthy()
  cleanup()
  render(<DifferentFromLake check={equal} />)
  expect(screen.queryByText(/not equal/)).toBeNull()
})
