// @vitest-environment happy-dom
import { cleanup, render } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { PathText } from './path-text'

afterEach(cleanup)

it('keeps the names of a path together, so that a line breaks after a slash', () => {
  const { container } = render(<PathText>file:///lake/wh/00017-bb0a.metadata.json</PathText>)
  expect(container.textContent).toBe('file:///lake/wh/00017-bb0a.metadata.json')
  expect([...container.querySelectorAll('span')].map((part) => part.textContent)).toEqual([
    'file:///',
    'lake/',
    'wh/',
    '00017-bb0a.metadata.json',
  ])
})
