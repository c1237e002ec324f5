import { DEFAULT_DISPLAY } from '@/lib/query/result-display'
import { ENGINE_NAMES } from './engine-names'
import { openedQuery } from './opened-query'
import { queryDisplay } from './query-display'
import { queryParameters } from './query-parameters'
import {
  anyOf,
  finiteNumber,
  flag,
  integer,
  list,
  nullable,
  object,
  oneOf,
  type Shape,
  type ShapeOutput,
  text,
  withFallback,
} from './stored-shape'

/** More tabs are not opened: the row of tabs could no longer show them. */
export const MAX_TABS = 20
/** Closed tabs that can be reopened. */
const MAX_CLOSED_TABS = 10
export const MAX_TAB_NAME_CHARS = 60

/** One open text of the query workbench and what belongs to it. */
const queryTab = object({
  id: text(),
  /** Given by the user; null for the name of the saved query, or a number. */
  name: nullable(text(MAX_TAB_NAME_CHARS)),
  /** The number of a tab without a name: `untitled 3`. */
  number: integer(1),
  sql: text(),
  /** In UTF-16 units. */
  cursor: integer(0),
  /** The connection of names without one; null for the usual one. */
  connection: nullable(text()),
  /** A branch, a tag or a time for the tables for which the text names none; null for now. */
  asOf: nullable(anyOf(object({ ref: text() }), object({ atMs: finiteNumber }))),
  /** Where it runs. */
  engine: withFallback(oneOf(ENGINE_NAMES), 'browser'),
  /** Values of `$name` in the text, as written by the user; also some that the text no longer names. */
  parameters: queryParameters,
  /** Grid or chart, and the columns of the chart. */
  display: withFallback(queryDisplay, DEFAULT_DISPLAY),
  /** The saved query that the text was opened from. */
  opened: nullable(openedQuery),
  /** The text came from the history or a saved query and was not changed, so another one may take its tab. */
  isUntouched: flag,
})
export type QueryTab = ShapeOutput<typeof queryTab>

const tabsAndClosed = object({
  tabs: list(queryTab, { min: 1, max: MAX_TABS }),
  activeId: text(),
  /** Last closed first, with the position that each tab had. */
  closed: list(object({ tab: queryTab, index: integer(0) }), { max: MAX_CLOSED_TABS }),
})
export type QueryTabs = ShapeOutput<typeof tabsAndClosed>

/** Tabs with ids of their own, one of which is active. */
export const queryTabs: Shape<QueryTabs> = (value) => {
  const found = tabsAndClosed(value)
  const ids = new Set(found?.tabs.map(({ id }) => id))
  return found && ids.has(found.activeId) && ids.size === found.tabs.length ? found : undefined
}

/** A link may bring these with its text. */
export type LinkedValues = Partial<Pick<QueryTab, 'parameters' | 'display' | 'asOf'>>

/** The initial contents of a new tab. */
export type TabContents = Pick<QueryTab, 'sql'> & Partial<Omit<QueryTab, 'id' | 'number' | 'sql' | 'cursor'>>

/** A single tab, as on a first visit. */
export function initialTabs(id: string, sql: string): QueryTabs {
  return { tabs: [newTab({ sql }, id, [])], activeId: id, closed: [] }
}

export function activeTab({ tabs, activeId }: QueryTabs): QueryTab {
  const tab = tabs.find(({ id }) => id === activeId) ?? tabs[0]
  if (tab === undefined) throw new Error('The query workbench has no tab.')
  return tab
}

export function tabLabel({ name, opened, number }: QueryTab): string {
  return name ?? opened?.name ?? `untitled ${number}`
}

/** Whether the text differs from that of the saved query that it was opened from. */
export function isTabChanged({ opened, sql }: QueryTab): boolean {
  return opened !== null && opened.sql !== sql
}

/**
 * Opens contents in a tab of their own, next to the active one. If all tabs are taken, the first other one is closed and
 * can be reopened.
 */
export function addTab(state: QueryTabs, contents: TabContents, id: string): QueryTabs {
  const first = state.tabs.find((tab) => tab.id !== state.activeId)
  const { tabs, activeId, closed } =
    state.tabs.length >= MAX_TABS && first !== undefined ? closeTab(state, first.id, '') : state
  const index = tabs.findIndex((tab) => tab.id === activeId) + 1
  return { tabs: tabs.toSpliced(index, 0, newTab(contents, id, tabs)), activeId: id, closed }
}

/**
 * Shows contents: in the tab that has them already, in the active tab if they replace no text of the user, otherwise in
 * a new one. A tab with an older version of a saved query gets the new text, unless the user has changed the old one.
 */
export function showInTab(state: QueryTabs, contents: TabContents, id: string): QueryTabs {
  const { sql, opened = null, connection } = contents
  const known = state.tabs.find((tab) => (opened === null ? tab.sql === sql : tab.opened?.queryId === opened.queryId))
  if (known !== undefined && (opened === null || opened.version === known.opened?.version))
    return { ...state, activeId: known.id }
  if (known !== undefined && !isTabChanged(known)) {
    const renewed = { ...known, sql, cursor: sql.length, opened, connection: connection ?? known.connection }
    return replaceTab({ ...state, activeId: known.id }, known.id, () => renewed)
  }
  const active = activeTab(state)
  if (!isBlank(active) && !active.isUntouched) return addTab(state, contents, id)
  // Its parameters and its name belong to the text that is replaced.
  const replaced = {
    ...newTab(contents, active.id, []),
    number: active.number,
    // A text of the history says none, and a saved query its own.
    connection: connection === undefined ? active.connection : connection,
  }
  return replaceTab(state, active.id, () => replaced)
}

/**
 * Shows what a link brings: in the tab that has it already, in the active tab if that is blank, otherwise in a new one. A
 * link says all: a value that it lacks has its default. It replaces no text of the user.
 *
 * @param values null if the link is a text alone, which a tab may have with other parameters and another display
 */
export function openLink(state: QueryTabs, sql: string, values: LinkedValues | null, id: string): QueryTabs {
  const linked = { ...DEFAULT_VALUES, ...values }
  const hasLinked = (tab: QueryTab) =>
    isSame(tab.asOf, linked.asOf) &&
    (values === null || (isSame(tab.parameters, linked.parameters) && isSame(tab.display, linked.display)))
  const known = state.tabs.find((tab) => tab.sql === sql && hasLinked(tab))
  if (known !== undefined) return { ...state, activeId: known.id }
  return isBlank(activeTab(state))
    ? changeTab(state, state.activeId, { ...linked, sql, cursor: sql.length })
    : addTab(state, { ...linked, sql }, id)
}

const DEFAULT_VALUES = { parameters: [], display: DEFAULT_DISPLAY, asOf: null } as const satisfies LinkedValues

/** The values of a tab that a link can bring; null if all are the defaults. */
export function linkedValues({ parameters, display, asOf }: QueryTab): LinkedValues | null {
  const values = { parameters, display, asOf }
  return isSame(values, DEFAULT_VALUES) ? null : values
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** Changes a tab. A change of its text makes it the user's own. */
export function changeTab(state: QueryTabs, id: string, change: Partial<Omit<QueryTab, 'id'>>): QueryTabs {
  return replaceTab(state, id, (tab) => {
    const changed = { ...tab, ...change }
    return changed.sql === tab.sql && changed.name === tab.name ? changed : { ...changed, isUntouched: false }
  })
}

/** @param newId of the empty tab that takes the position of the last one */
export function closeTab(state: QueryTabs, id: string, newId: string): QueryTabs {
  const index = state.tabs.findIndex((tab) => tab.id === id)
  const tab = state.tabs[index]
  if (tab === undefined) return state
  const closed = isBlank(tab) ? state.closed : [{ tab, index }, ...state.closed].slice(0, MAX_CLOSED_TABS)
  const tabs = state.tabs.toSpliced(index, 1)
  if (tabs.length === 0) return { ...initialTabs(newId, ''), closed }
  const next = tabs[index] ?? tabs[index - 1]
  return { tabs, activeId: id === state.activeId ? (next?.id ?? '') : state.activeId, closed }
}

/** Reopens the tab that was closed last, where it was. */
export function reopenTab(state: QueryTabs): QueryTabs {
  const [last, ...closed] = state.closed
  if (last === undefined || state.tabs.length >= MAX_TABS) return state
  const onlyTab = state.tabs.length === 1 ? state.tabs[0] : undefined
  const tabs = onlyTab !== undefined && isBlank(onlyTab) ? [] : state.tabs
  return { tabs: tabs.toSpliced(last.index, 0, last.tab), activeId: last.tab.id, closed }
}

/** Moves a tab to a position, counted from 0 without the tab itself. */
export function moveTab(state: QueryTabs, id: string, index: number): QueryTabs {
  const from = state.tabs.findIndex((tab) => tab.id === id)
  const tab = state.tabs[from]
  if (tab === undefined) return state
  const rest = state.tabs.toSpliced(from, 1)
  return { ...state, tabs: rest.toSpliced(Math.max(0, Math.min(rest.length, index)), 0, tab) }
}

/** An empty or only white text, under no name. */
export function isBlank({ sql, name }: QueryTab): boolean {
  return sql.trim() === '' && name === null
}

function newTab(contents: TabContents, id: string, others: readonly QueryTab[]): QueryTab {
  const numbers = new Set(others.map(({ number }) => number))
  let number = 1
  while (numbers.has(number)) number++
  return {
    name: null,
    connection: null,
    asOf: null,
    engine: 'browser',
    parameters: [],
    display: DEFAULT_DISPLAY,
    opened: null,
    isUntouched: false,
    ...contents,
    cursor: contents.sql.length,
    id,
    number,
  }
}

function replaceTab(state: QueryTabs, id: string, change: (tab: QueryTab) => QueryTab): QueryTabs {
  return { ...state, tabs: state.tabs.map((tab) => (tab.id === id ? change(tab) : tab)) }
}
