// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { render } from '@/testing/components/render'
import { SchemaTable } from './schema-table'

afterEach(cleanup)

it('shows every fact of a column in its first cell too, because cards show only that cell', () => {
  const fields: NestedField[] = [{ id: 7, name: 'delay', type: 'int', required: false, doc: 'Minutes late' }]
  render(<SchemaTable schema={{ fields, identifierFieldIds: [] }} />)
  const [cell, ...others] = screen.getAllByRole('cell')
  expect(cell?.textContent).toBe('delayintoptionalid 7Minutes late')
  expect(others.every((other) => other.dataset.tableOnly === 'true')).toBe(true)
})

it('gives each column its whole name as a title, because a long one is cut', () => {
  const name = 'customer_lifetime_value_rolling_average_over_thirty_days'
  const fields: NestedField[] = [{ id: 7, name, type: 'int', required: false }]
  render(<SchemaTable schema={{ fields, identifierFieldIds: [] }} />)
  expect(screen.getByTitle(name).textContent).toBe(name)
})
