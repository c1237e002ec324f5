// @vitest-environment happy-dom
import { act, cleanup, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { QueryParameter } from '@/lib/query/parameter-types'
import { clearDrafts } from './query-draft'
import { useQueryParameters } from './query-parameters'

beforeEach(() => {
  sessionStorage.clear()
  localStorage.clear()
})
afterEach(cleanup)

const LATE: QueryParameter = { name: 'late', type: 'number', isList: false, text: '9007199254740993' }
const renderParameters = (userId: string | null, draftId?: string) =>
  renderHook(() => useQueryParameters(userId, draftId)).result

test('the values of parameters are kept with the draft, for its user only', () => {
  const first = renderParameters('u1')
  act(() => first.current[1]([LATE]))
  expect(first.current[0]).toEqual([LATE])
  expect(renderParameters('u1').current[0]).toEqual([LATE])
  expect(renderParameters('u1', 'other').current[0]).toEqual([])
  expect(renderParameters('u2').current[0]).toEqual([])
  expect(renderParameters(null).current[0]).toEqual([])
})

test('drafts have values of their own, those of the last twenty', () => {
  for (let i = 0; i < 25; i++) {
    const parameters = renderParameters('u1', `d${i}`)
    act(() => parameters.current[1]([{ ...LATE, text: String(i) }]))
  }
  expect(renderParameters('u1', 'd4').current[0]).toEqual([])
  expect(renderParameters('u1', 'd5').current[0]).toEqual([{ ...LATE, text: '5' }])
  expect(renderParameters('u1', 'd24').current[0]).toEqual([{ ...LATE, text: '24' }])
})

test('a sign-out removes the values, and damaged ones are ignored', () => {
  const parameters = renderParameters('u1')
  act(() => parameters.current[1]([LATE]))
  act(() => clearDrafts('u1'))
  expect(sessionStorage).toHaveLength(0)
  sessionStorage.setItem('lakeshore.query-parameters', '{"userId":"u1","drafts":{"draft":[{"name":1}]}}')
  expect(renderParameters('u1').current[0]).toEqual([])
})
