// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { renderInTable } from '@/testing/components/render-in-table'
import { FirstRows } from './first-rows'

afterEach(cleanup)

it.each([
  [false, /^The file has no rows/],
  [true, /^No row ends in the first megabytes of the file/],
])('A preview without rows, of a part of the file: %s', (isTruncated, sentence) => {
  renderInTable(<FirstRows preview={{ columns: [], rows: [], rejects: [], isTruncated }} />)
  expect(screen.getByText(sentence)).toBeTruthy()
})
