import { expect, test } from 'vitest'
import {
  activeTab,
  addTab,
  changeTab,
  closeTab,
  initialTabs,
  MAX_TABS,
  moveTab,
  type QueryTabs,
  queryTabs,
  reopenTab,
  showInTab,
  tabLabel,
} from './query-tabs'

const texts = ({ tabs }: QueryTabs) => tabs.map(({ sql }) => sql)

/** Tabs with these texts, the last active. Their ids are `1`, `2` and so on. */
function tabsWith(...sqls: readonly string[]): QueryTabs {
  const [first = '', ...rest] = sqls
  return rest.reduce((state, sql, index) => addTab(state, { sql }, String(index + 2)), initialTabs('1', first))
}

test('a new tab opens next to the active one, with the smallest free number', () => {
  const state = addTab({ ...tabsWith('a', 'b', 'c'), activeId: '1' }, { sql: 'd' }, '4')
  expect(texts(state)).toEqual(['a', 'd', 'b', 'c'])
  expect(tabLabel(activeTab(state))).toBe('untitled 4')
  const afterClosing = addTab(closeTab(state, '2', 'x'), { sql: '' }, '5')
  expect(tabLabel(activeTab(afterClosing))).toBe('untitled 2')
})

test('a closed tab is reopened where it was, and the tab at its position is shown meanwhile', () => {
  const state = { ...tabsWith('a', 'b', 'c'), activeId: '2' }
  const closed = closeTab(state, '2', 'x')
  expect(texts(closed)).toEqual(['a', 'c'])
  expect(activeTab(closed).sql).toBe('c')
  const reopened = reopenTab(closed)
  expect(reopened.tabs).toEqual(state.tabs)
  expect(reopened.activeId).toBe('2')
  expect(reopened.closed).toEqual([])
})

test('closing the last tab leaves an empty one, whose position the reopened tab takes', () => {
  const closed = closeTab(tabsWith('a'), '1', 'new')
  expect(texts(closed)).toEqual([''])
  expect(texts(reopenTab(closed))).toEqual(['a'])
})

test('an empty tab is closed without a trace', () => {
  expect(closeTab(tabsWith('a', ' '), '2', 'x').closed).toEqual([])
})

test('a tab beyond the limit closes the first other one, which can be reopened later', () => {
  const full = tabsWith(...Array.from({ length: MAX_TABS }, (_, i) => `t${i}`))
  const state = addTab(full, { sql: 'link' }, 'link')
  expect(state.tabs).toHaveLength(MAX_TABS)
  expect(activeTab(state).sql).toBe('link')
  expect(texts(state)).not.toContain('t0')
  expect(state.closed[0]?.tab.sql).toBe('t0')
  expect(reopenTab(state)).toBe(state)
})

test('a text is shown in the tab that has it, in an empty or untouched one, otherwise in a new one', () => {
  const two = tabsWith('a', 'b')
  expect(showInTab(two, { sql: 'a' }, 'x')).toMatchObject({ activeId: '1', tabs: two.tabs })
  const third = showInTab(two, { sql: 'c', isUntouched: true }, '3')
  expect(texts(third)).toEqual(['a', 'b', 'c'])
  const replaced = showInTab(third, { sql: 'd', isUntouched: true }, '4')
  expect(texts(replaced)).toEqual(['a', 'b', 'd'])
  const edited = changeTab(replaced, '3', { sql: 'd, mine' })
  expect(texts(showInTab(edited, { sql: 'e' }, '4'))).toEqual(['a', 'b', 'd, mine', 'e'])
})

const opened = {
  queryId: 'q1',
  version: 1,
  name: 'Delays',
  sql: 'a',
  owner: 'ada',
  isShared: false,
  isOwn: true,
  parameters: [],
  folder: null,
  connection: 'rem',
  display: null,
  canChange: true,
}

test('a saved query that is open and changed is shown with its changes', () => {
  const state = changeTab(showInTab(tabsWith(''), { sql: 'a', opened }, 'x'), '1', { sql: 'a, mine' })
  expect(tabLabel(activeTab(state))).toBe('Delays')
  const other = addTab(state, { sql: 'b' }, '2')
  expect(activeTab(showInTab(other, { sql: 'a', opened }, 'y')).sql).toBe('a, mine')
})

test('a newer version of a saved query replaces the text that is open, unless the user has changed it', () => {
  const newer = { ...opened, version: 2, sql: 'new' }
  const state = showInTab(tabsWith(''), { sql: 'a', opened }, 'x')
  const renewed = showInTab(addTab(state, { sql: 'b' }, '2'), { sql: 'new', opened: newer }, 'y')
  expect(texts(renewed)).toEqual(['new', 'b'])
  expect(activeTab(renewed)).toMatchObject({ id: '1', opened: newer })
  const changed = changeTab(state, '1', { sql: 'a, mine' })
  expect(texts(showInTab(changed, { sql: 'new', opened: newer }, 'y'))).toEqual(['a, mine', 'new'])
})

test('a saved query brings the connection that its names mean, and a text of the history has that of the tab', () => {
  const chosen = changeTab(tabsWith(''), '1', { connection: 'local' })
  const saved = { sql: 'a', opened, connection: opened.connection, isUntouched: true }
  const state = showInTab(chosen, saved, 'x')
  expect(activeTab(state).connection).toBe('rem')
  expect(activeTab(showInTab(state, { sql: 'b' }, 'y')).connection).toBe('rem')
  const moved = { ...opened, version: 2, connection: 'local' }
  expect(activeTab(showInTab(state, { ...saved, opened: moved, connection: 'local' }, 'y')).connection).toBe('local')
  const unknown = { ...opened, queryId: 'q2', sql: 'c', connection: null }
  expect(activeTab(showInTab(state, { sql: 'c', opened: unknown, connection: null }, 'y')).connection).toBeNull()
})

test('a tab keeps how its result is shown; one that an earlier version stored is shown as a grid', () => {
  const chart = { kind: 'line' as const, x: 'd', y: ['n'], series: 'origin', aggregation: null }
  const display = { view: 'both' as const, chart }
  const state = changeTab(tabsWith('a'), '1', { display })
  expect(queryTabs(JSON.parse(JSON.stringify(state)))?.tabs[0]?.display).toEqual(display)
  const { display: _, ...earlier } = activeTab(state)
  const usual = { view: 'grid', chart: null }
  expect(queryTabs({ ...state, tabs: [earlier] })?.tabs[0]?.display).toEqual(usual)
  expect(queryTabs({ ...state, tabs: [{ ...earlier, display: { view: 'map' } }] })?.tabs[0]?.display).toEqual(usual)
})

test('a tab is moved within the row, not beyond its ends', () => {
  const state = tabsWith('a', 'b', 'c')
  expect(texts(moveTab(state, '1', 1))).toEqual(['b', 'a', 'c'])
  expect(texts(moveTab(state, '1', 9))).toEqual(['b', 'c', 'a'])
  expect(texts(moveTab(state, '3', -1))).toEqual(['c', 'a', 'b'])
})

test('a cursor that moves leaves an untouched tab untouched', () => {
  const state = showInTab(tabsWith(''), { sql: 'abc', isUntouched: true }, 'x')
  expect(activeTab(changeTab(state, '1', { sql: 'abc', cursor: 1 })).isUntouched).toBe(true)
  expect(activeTab(changeTab(state, '1', { name: 'mine' })).isUntouched).toBe(false)
})

test('stored tabs are refused without the active one, and with an id twice', () => {
  const state = tabsWith('a', 'b')
  expect(queryTabs(state)).toEqual(state)
  expect(queryTabs({ ...state, activeId: '9' })).toBeUndefined()
  expect(queryTabs({ ...state, tabs: [...state.tabs, ...state.tabs] })).toBeUndefined()
})
