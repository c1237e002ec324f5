// @vitest-environment happy-dom
import { act, renderHook } from '@testing-library/react'
import { expect, it } from 'vitest'
import { toNewChoices, useLoadDraft } from './use-load-draft'
import { mapField } from './mapping/mapping-lines'

const COLUMNS = ['id', 'subject']

it('A guess is part of the load as long as the file has the field, and until the user chooses otherwise', () => {
  const { result } = renderHook(() => useLoadDraft({ firstName: 'a.csv', columns: COLUMNS }, toNewChoices(null)))
  const mapped = () => result.current.options.mapping.columns
  expect(mapped()).toEqual({})
  act(() => result.current.setFields(['id', 'Subject']))
  expect(mapped()).toEqual({ subject: { field: 'Subject' } })
  expect(result.current.chosenMapping.columns).toEqual({})
  act(() => result.current.setFields(['id', 'body']))
  expect(mapped()).toEqual({})
  act(() => result.current.setFields(['id', 'Subject']))
  act(() => result.current.change({ mapping: mapField(result.current.chosenMapping, 'Subject', 'subject', null) }))
  expect(result.current.options.mapping).toEqual({ columns: {}, ignoredFields: ['Subject'] })
})
