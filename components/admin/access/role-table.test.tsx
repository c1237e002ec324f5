// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { RoleTable } from './role-table'

afterEach(cleanup)

it('The table of roles names what each role may do, and what only full admins may', () => {
  render(<RoleTable />)
  expect(screen.getAllByRole('columnheader').map(({ textContent }) => textContent)).toEqual([
    'Role',
    'View and read',
    'Propose',
    'Write',
    'Maintain',
    'Admin',
  ])
  expect(screen.getByText(/full control there, including its grants\. Only full admins, whose role is on/)).toBeTruthy()
})
