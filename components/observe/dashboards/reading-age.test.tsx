// @vitest-environment happy-dom
import { cleanup } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { ReadingAge } from './reading-age'

afterEach(cleanup)

it('The head of a dashboard says how old its figures are, and since when no worker has read', () => {
  const atMs = Date.UTC(2026, 9, 12, 14, 20)
  const textOf = (reason: 'stopped' | 'late') =>
    render(
      <p>
        <ReadingAge
          data={{ behind: [{ catalog: 'local', reason, code: null, completeAtMs: atMs }], completeAtMs: atMs }}
        />
      </p>,
    ).container.querySelector('p')?.textContent
  expect(textOf('stopped')).toBe('; the worker has not read since 12 Oct 14:20')
  expect(textOf('late')).toMatch(/^, read /)
})
