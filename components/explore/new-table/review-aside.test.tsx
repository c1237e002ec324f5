// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { ReviewAside } from './review-aside'

afterEach(cleanup)

it('marks what is added and what changes, and not what stays as it is', () => {
  render(
    <ReviewAside
      lines={[
        { title: 'New version of demo.routes', detail: null },
        { title: 'Default namespace', detail: 'sales', change: 'changed' },
        { title: 'SQL stays as it is', detail: 'duckdb', change: 'unchanged' },
      ]}
      subject="demo.routes"
      notes={null}
      footer={null}
    />,
  )
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    '+New version of demo.routes',
    '~Default namespacesales',
    'SQL stays as it isduckdb',
  ])
})
