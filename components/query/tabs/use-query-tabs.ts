import { useQueryState } from 'nuqs'
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import { newEntryId } from '@/lib/client/query/query-history'
import {
  activeTab,
  addTab,
  changeTab,
  closeTab,
  initialTabs,
  linkedValues,
  moveTab,
  openLink,
  type QueryTab,
  type QueryTabs,
  reopenTab,
  showInTab,
  type TabContents,
} from '@/lib/client/query/query-tabs'
import { type ReplacedSql, readTabs, saveTabs, type StoredTabs, unstoredTabIds } from '@/lib/client/query/stored-tabs'
import { forgetRun } from '@/lib/client/query/tab-runs'
import { readSignOutSignal } from '@/lib/client/session/sign-out-signal'
import type { QueryLink } from '../saved/use-query-link'

/** Longer texts are not put into the URL, because browsers and proxies limit its length. */
export const MAX_ADDRESS_CHARS = 6000
/** Texts on their way to the URL. It takes one every few hundred milliseconds. */
const MAX_OWN_TEXTS = 100
/** A reload takes the URL that the page had when it began, and the page still writes there until it is left. */
const MAX_REPLACED_TEXTS = 20
/** How much earlier than the browser says a navigation may have begun. */
const NAVIGATION_TOLERANCE_MS = 1000
/** Id of the tab that the server renders. */
const FIRST_TAB_ID = 'first'

/**
 * The tabs of the query workbench. The active tab's text is also in the URL, or its id if it is a shared query without
 * changes, and all tabs are stored for this browser tab. A URL with another text (a link, back, forward) opens in a new tab. When the page opens, the stored tabs come
 * back, and get another one if the URL has a text that is in none of them.
 *
 * @param userId null while the user is unknown: then nothing is restored or stored
 * @param link what the address has with its text: a tab gets it together with the text
 * @param onClosed called with each tab that was closed
 */
export function useQueryTabs(userId: string | null, link: QueryLink, onClosed: (tab: QueryTab) => void) {
  const [addressSql, setAddressSql] = useQueryState('sql', { defaultValue: '', history: 'replace', throttleMs: 400 })
  const linked = link.saved === null ? link.values : null
  const [state, setState] = useState(() => openLink(initialTabs(FIRST_TAB_ID, ''), addressSql, linked, FIRST_TAB_ID))
  /** Whether the page was opened by a link that says more than its text. */
  const isOpenedByLink = useRef(linked !== null)
  /** The link that was taken last; values that cannot be read stay in the address. */
  const takenLink = useRef<string | null>(null)
  /**
   * Texts that this hook puts into the URL, from its current one to the last. When one of these arrives, the user did
   * not follow a link.
   */
  const ownTexts = useRef<readonly string[]>([addressSql])
  const address = useRef<AddressTexts>({ sql: addressSql, replaced: [] })
  const isRestored = useRef(false)
  const hasWritten = useRef(false)
  const active = activeTab(state)
  /** The state before React draws it. Not an updater of React, which may run twice: closing a tab has effects. */
  const current = useRef(state)
  const reportClosed = useRef(onClosed)
  useEffect(() => {
    reportClosed.current = onClosed
  })

  /** Changes the state, and returns the id of the tab that it then shows. */
  const update = useCallback((change: (state: QueryTabs) => QueryTabs) => {
    const before = current.current
    const after = change(before)
    current.current = after
    setState(after)
    const ids = new Set(after.tabs.map(({ id }) => id))
    for (const tab of before.tabs) {
      if (ids.has(tab.id)) continue
      forgetRun(tab.id)
      reportClosed.current(tab)
    }
    return after.activeId
  }, [])

  const takeLink = useEffectEvent(link.take)
  const linkKey = linked === null ? null : link.key
  useEffect(() => {
    const values = linkKey === takenLink.current ? null : linked
    // A URL without a text, such as the link in the rail, opens the page without a new tab.
    if (values === null && (addressSql === '' || ownTexts.current.includes(addressSql))) return
    // A busy browser reports our earlier texts when the URL has moved on.
    if (addressSql !== readAddressSql()) return
    ownTexts.current = [addressSql]
    update((before) => openLink(before, addressSql, values, newTabId()))
    if (values === null) return
    takenLink.current = linkKey
    takeLink()
  }, [addressSql, linked, linkKey, update])

  useEffect(() => {
    if (userId === null || isRestored.current) return
    isRestored.current = true
    const stored = readTabs(userId)
    const isLink = isOpenedByLink.current
    if (stored !== null) update((before) => restoreTabs(before, stored, { hasWritten: hasWritten.current, isLink }))
  }, [userId, update])

  const { sql } = active
  const sharedId = sharedQueryId(active)
  const isBySavedId = sharedId !== null
  useEffect(() => {
    const text = isBySavedId || sql.length > MAX_ADDRESS_CHARS ? '' : sql
    if (ownTexts.current.at(-1) === text) return
    const texts = [...ownTexts.current, text].slice(-MAX_OWN_TEXTS)
    ownTexts.current = texts
    void setAddressSql(text).then(() => {
      // Earlier texts are no longer on their way.
      if (ownTexts.current === texts) ownTexts.current = [text]
      address.current = replaceAddress(address.current)
    })
  }, [sql, isBySavedId, setAddressSql])

  const { saved, isSavedShown } = link
  const showSaved = useEffectEvent(link.showSaved)
  useEffect(() => {
    // A link that opens in this moment has changed the active tab.
    if (active !== activeTab(current.current)) return
    // The id of a query that is not open yet, or cannot be read, stays.
    if ((saved === null || isSavedShown) && sharedId !== saved) showSaved(sharedId)
  }, [active, sharedId, saved, isSavedShown])

  const [signOutSignal] = useState(readSignOutSignal)
  const save = useCallback(() => {
    if (userId === null || !isRestored.current) return
    // Signing out leaves the page and must remove everything of the user.
    if (readSignOutSignal() !== signOutSignal) return
    const { sql: savedSql, replaced } = replaceAddress(address.current)
    saveTabs(userId, { state: current.current, addressSql: savedSql, replacedSqls: [...replaced] })
  }, [userId, signOutSignal])
  useEffect(() => {
    // Not the state that the stored tabs replace.
    if (state === current.current) save()
  }, [state, save])
  useEffect(() => {
    // The last keystroke may not be drawn yet.
    window.addEventListener('pagehide', save)
    return () => window.removeEventListener('pagehide', save)
  }, [save])

  const actions = useMemo(
    () => ({
      /**
       * Shows contents in a new tab, unless a tab already has them or the active tab has nothing to lose.
       *
       * @returns the id of the tab
       */
      show: (contents: TabContents) => update((before) => showInTab(before, contents, newTabId())),
      /** Shows an empty tab, which is a new one unless there is one already, and returns its id. */
      openBlank: () => update((before) => openLink(before, '', null, newTabId())),
      add: (contents: TabContents = { sql: '' }) => update((before) => addTab(before, contents, newTabId())),
      activate: (id: string) => update((before) => ({ ...before, activeId: id })),
      change: (id: string, change: Partial<Omit<QueryTab, 'id'>>) => {
        if (change.sql !== undefined && change.sql !== '') hasWritten.current = true
        update((before) => changeTab(before, id, change))
      },
      /** The tab at the moment, which may be newer than the rendered one. */
      read: (id: string) => current.current.tabs.find((tab) => tab.id === id),
      close: (id: string) => update((before) => closeTab(before, id, newTabId())),
      reopen: () => update(reopenTab),
      move: (id: string, index: number) => update((before) => moveTab(before, id, index)),
    }),
    [update],
  )
  return { ...state, active, unstoredIds: unstoredTabIds(state), ...actions }
}

export type QueryTabsModel = ReturnType<typeof useQueryTabs>

/** The id of the shared query that a tab shows as it is saved; null if it shows anything else. Others could not open it. */
function sharedQueryId({ sql, connection, opened }: QueryTab): string | null {
  if (opened === null || !opened.isShared || opened.sql !== sql) return null
  return opened.connection === null || opened.connection === connection ? opened.queryId : null
}

/** The text in the URL, which React may not have yet. */
function readAddressSql(): string {
  return new URLSearchParams(window.location.search).get('sql') ?? ''
}

type AddressTexts = { sql: string; replaced: readonly ReplacedSql[] }

/** The current texts of the URL, and the previous ones. */
function replaceAddress(before: AddressTexts): AddressTexts {
  const sql = readAddressSql()
  if (sql === before.sql) return before
  const replaced = [...before.replaced, { sql: before.sql, replacedAtMs: Date.now() }].slice(-MAX_REPLACED_TEXTS)
  return { sql, replaced }
}

/** Whether the URL had the text when the navigation to this page began. */
function wasInAddress(sql: string, { addressSql, replacedSqls = [] }: StoredTabs): boolean {
  const startedAtMs = performance.timeOrigin - NAVIGATION_TOLERANCE_MS
  return sql === addressSql || replacedSqls.some((each) => each.sql === sql && each.replacedAtMs >= startedAtMs)
}

function newTabId(): string {
  return newEntryId(Date.now())
}

/**
 * @param hasWritten whether the user has written into the first tab before the user was known
 * @param isLink whether a link has brought more than a text into the first tab
 */
function restoreTabs(
  current: QueryTabs,
  stored: StoredTabs,
  { hasWritten, isLink }: { hasWritten: boolean; isLink: boolean },
): QueryTabs {
  const first = activeTab(current)
  const values = linkedValues(first)
  // The URL has an older text of ours when the page was left right after a keystroke.
  if (!hasWritten && !isLink && values === null && (first.sql === '' || wasInAddress(first.sql, stored)))
    return stored.state
  return openLink(stored.state, first.sql, values ?? (isLink ? {} : null), newTabId())
}
