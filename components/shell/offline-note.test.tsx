// @vitest-environment happy-dom
import { act, cleanup, screen } from '@testing-library/react'
import { dispatchOfflineChange, OfflineProvider } from 'next/dist/client/components/use-offline'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { OfflineNote } from './offline-note'

afterEach(cleanup)

it.each([
  [false, ''],
  [true, 'Lakeshore cannot be reached. What you open appears when the connection is back.'],
])('says when the server cannot be reached: %j', (isOffline, text) => {
  render(
    <OfflineProvider>
      <OfflineNote />
    </OfflineProvider>,
  )
  act(() => dispatchOfflineChange(isOffline))
  expect(screen.getByRole('status').textContent).toBe(text)
})
