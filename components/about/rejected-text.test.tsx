// @vitest-environment happy-dom
import { cleanup } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { RejectedText } from './rejected-text'

afterEach(cleanup)

const marked = (text: string, part: { start: number; end: number } | null) => {
  const { container } = render(<RejectedText reject={{ text, value: '1', part }} contextChars={4} />)
  return [container.querySelector('code')?.textContent, container.querySelector('mark')?.textContent]
}

it('marks the part that is known, and no other text that is equal', () => {
  expect(marked('10,1', { start: 3, end: 4 })).toEqual(['10,1', '1'])
  expect(marked('a,b,c,1,1', { start: 8, end: 9 })).toEqual(['…c,1,1', '1'])
  expect(marked('a,,1', { start: 2, end: 2 })).toEqual(['a,,1', ''])
  expect(marked('10,1', null)).toEqual(['10,1', undefined])
})

it('marks what is left of a part of a text that is cut', () => {
  expect(marked('a,111…', { start: 2, end: 9 })).toEqual(['a,111…', '111…'])
  expect(marked('a,111…', { start: 7, end: 8 })).toEqual(['a,111…', undefined])
})
