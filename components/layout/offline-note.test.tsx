// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { OfflineNote } from './offline-note'

const connection = vi.hoisted(() => ({ isOffline: false }))
vi.mock('next/offline', () => ({ useOffline: () => connection.isOffline }))
afterEach(cleanup)

it.each([
  [false, ''],
  [true, 'Lakeshore cannot be reached. What you open appears when the connection is back.'],
])('says when the server cannot be reached: %j', (isOffline, text) => {
  connection.isOffline = isOffline
  render(<OfflineNote />)
  expect(screen.getByRole('status').textContent).toBe(text)
})
