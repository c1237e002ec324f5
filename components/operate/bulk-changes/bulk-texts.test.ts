import { expect, it } from 'vitest'
import type { BulkChange } from '@/lib/changes/intents/bulk-change'
import { bulkTitle } from './bulk-texts'

const SET: BulkChange = { kind: 'set-property', key: 'owner.team', value: 'web' }
const REMOVE: BulkChange = { kind: 'remove-property', key: 'owner.team' }
const ADD_TAG: BulkChange = { kind: 'add-tag', tag: 'gold' }
const REMOVE_TAG: BulkChange = { kind: 'remove-tag', tag: 'gold' }

it.each<[BulkChange[], string]>([
  [[SET], 'Set owner.team on 600 tables'],
  [[ADD_TAG, SET], 'Set the tag gold and 1 other setting on 600 tables'],
  [[REMOVE], 'Remove owner.team from 600 tables'],
  [[REMOVE_TAG, REMOVE], 'Remove the tag gold and 1 other setting from 600 tables'],
  [[SET, REMOVE_TAG], 'Change owner.team and 1 other setting on 600 tables'],
])('The heading says whether the changes set or remove: %j', (changes, title) => {
  expect(bulkTitle(changes, 600)).toBe(title)
})
