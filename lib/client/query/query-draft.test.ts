// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { clearDrafts, MAX_DRAFT_CHARS, readDraft, saveDraft } from './query-draft'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

const DRAFT = { sql: 'select 1', addressSql: 'select' }

test('a draft belongs to its tab and its user', () => {
  saveDraft('u1', DRAFT)
  expect(readDraft('u1')).toMatchObject(DRAFT)
  expect(readDraft('u2')).toBeNull()
  expect(localStorage).toHaveLength(0)
})

test('a text beyond the limit is not stored, and neither is the one before it', () => {
  saveDraft('u1', DRAFT)
  saveDraft('u1', { ...DRAFT, sql: 'x'.repeat(MAX_DRAFT_CHARS + 1) })
  expect(readDraft('u1')).toBeNull()
})

test('a sign-out clears the drafts of the user, also of a tab that it cannot reach', () => {
  saveDraft('u1', DRAFT)
  const ofOtherTab = sessionStorage.getItem('lakeshore.query-draft') ?? ''
  clearDrafts('u1')
  expect(sessionStorage).toHaveLength(0)
  sessionStorage.setItem('lakeshore.query-draft', ofOtherTab)
  expect(readDraft('u1')).toBeNull()
  expect(sessionStorage).toHaveLength(0)
})

test('a draft that cannot be read counts as none', () => {
  sessionStorage.setItem('lakeshore.query-draft', 'not json')
  expect(readDraft('u1')).toBeNull()
  sessionStorage.setItem('lakeshore.query-draft', '{"sql":7}')
  expect(readDraft('u1')).toBeNull()
})
