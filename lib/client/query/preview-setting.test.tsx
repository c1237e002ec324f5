// @vitest-environment happy-dom
import { act, renderHook } from '@testing-library/react'
import { expect, test } from 'vitest'
import { usePreviewSetting } from './preview-setting'

test('Previews are off until a user switches them on, for themselves alone', () => {
  const { result } = renderHook(() => usePreviewSetting('anna'))
  expect(result.current[0]).toBe(false)
  act(() => result.current[1](true))
  expect(result.current[0]).toBe(true)
  expect(renderHook(() => usePreviewSetting('bert')).result.current[0]).toBe(false)
  act(() => result.current[1](false))
  expect(result.current[0]).toBe(false)
})
