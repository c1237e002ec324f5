import { expect, it } from 'vitest'
import { actionName } from './action-name'

it('names actions as people do, not as the API of catalogs does', () => {
  expect(actionName('create-ref')).toBe('Create branch or tag')
  expect(actionName('add-schema')).toBe('Change columns')
  expect(actionName('set-properties')).toBe('Set properties')
  expect(actionName('constructor')).toBe('Constructor')
})
