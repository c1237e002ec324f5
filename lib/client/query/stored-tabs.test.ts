// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { addTab, closeTab, initialTabs } from './query-tabs'
import { clearTabs, MAX_TAB_CHARS, readTabs, saveTabs, unstoredTabIds } from './stored-tabs'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

const TABS = { state: addTab(initialTabs('1', 'select 1'), { sql: 'select 2' }, '2'), addressSql: 'select' }

test('tabs belong to their browser tab and their user', () => {
  saveTabs('u1', TABS)
  expect(readTabs('u1')).toMatchObject(TABS)
  expect(readTabs('u2')).toBeNull()
  expect(localStorage).toHaveLength(0)
})

test('texts beyond the limits are not stored, the active one last, and the tab strip knows them', () => {
  const long = 'x'.repeat(MAX_TAB_CHARS)
  let state = initialTabs('1', `${long}x`)
  for (const id of ['2', '3', '4', '5']) state = addTab(state, { sql: long }, id)
  expect([...unstoredTabIds(state)]).toEqual(['1', '4'])
  saveTabs('u1', { state, addressSql: '' })
  expect(readTabs('u1')?.state.tabs.map(({ sql }) => sql.length)).toEqual([
    0,
    MAX_TAB_CHARS,
    MAX_TAB_CHARS,
    0,
    MAX_TAB_CHARS,
  ])
})

test('a closed tab can be reopened after a reload, unless its text is very long', () => {
  const closed = closeTab(addTab(TABS.state, { sql: 'x'.repeat(20_001) }, '3'), '3', 'new')
  saveTabs('u1', { ...TABS, state: closeTab(closed, '2', 'new') })
  expect(readTabs('u1')?.state.closed.map(({ tab }) => tab.sql)).toEqual(['select 2'])
})

test('a sign-out clears the tabs of the user, also of a browser tab that it cannot reach', () => {
  saveTabs('u1', TABS)
  const ofOtherTab = sessionStorage.getItem('lakeshore.query-tabs') ?? ''
  clearTabs('u1')
  expect(sessionStorage).toHaveLength(0)
  sessionStorage.setItem('lakeshore.query-tabs', ofOtherTab)
  expect(readTabs('u1')).toBeNull()
  expect(sessionStorage).toHaveLength(0)
})

test('tabs that cannot be read count as none', () => {
  for (const text of ['not json', '{"userId":"u1"}', '7']) {
    sessionStorage.setItem('lakeshore.query-tabs', text)
    expect(readTabs('u1')).toBeNull()
  }
})
