'use client'
import { Spotlight } from '@mantine/spotlight'
import { IconSearch, IconTag, IconUser, IconUsers } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { usePathname, useRouter } from 'next/navigation'
import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react'
import { useSettled } from '@/components/ui/use-settled'
import { otherVisits, shortcutLook } from '@/components/shell/shortcuts/shortcut-look'
import { everythingQuery } from '@/lib/client/search'
import { favouriteKey, isDropped, shortcutsQuery } from '@/lib/client/shortcuts'
import { paths } from '@/lib/paths/paths'
import { parseSearch } from '@/lib/search/parse-search'
import classes from './command-palette.module.css'
import { FoundHits } from './found-hits'
import { hitKey } from './hit-address'
import { KindChips } from './kind-chips'
import { PaletteAction } from './palette-action'
import { PaletteNotes } from './palette-notes'
import { PaletteShortcuts } from './palette-shortcuts'
import { paletteStore } from './palette-store'
import { SETTINGS } from './destinations'
import { awaitTypedAhead, endTypedAhead, takeTypedAhead } from './typed-ahead'
import { type PaletteProps, usePaletteActions } from './use-palette-actions'
import { keywordsOf } from './keywords'
import { useDestinations } from './use-destinations'
import { useSettingsPages } from './use-settings-pages'

/** How long typing has to pause before the search is sent. */
const DEBOUNCE_MS = 120

function toPages(destinations: ReturnType<typeof useDestinations>) {
  return [
    ...destinations
      .filter(({ label }) => label !== 'Dashboards')
      .map(({ label, href, icon }) => ({ label, href, icon, keywords: keywordsOf(href) })),
    ...destinations
      .filter(({ label }) => label === 'Dashboards')
      .flatMap(({ icon }) => [
        { label: 'Ingestion dashboard', href: paths.ingestionDashboard(), icon, keywords: ['charts', 'freshness'] },
        { label: 'Compression dashboard', href: paths.compressionDashboard(), icon, keywords: ['codecs', 'size'] },
      ]),
    { label: 'Tables by owner', href: paths.facets('owner'), icon: IconUser, keywords: ['owners', 'team'] },
    { label: 'Tables by tag', href: paths.facets('tag'), icon: IconTag, keywords: ['tags', 'labels'] },
    {
      label: 'Proposals',
      href: paths.waitingProposals(),
      icon: IconUsers,
      keywords: ['review', 'approve', 'changes', 'pull request'],
    },
  ]
}

type Keyworded = { label: string; keywords?: readonly string[] | undefined }

/** The names in the field and for screen readers. */
const HINT = 'Tables, columns, snapshot ids, actions'
const LABEL = 'Find a table, a column, a snapshot, a page or an action'

/**
 * `Ctrl/⌘ K`: finds and opens objects of the lake, saved queries and pages, and runs actions of the shell. Before the
 * user types it has their favourites and last visits.
 */
export function CommandPalette(props: PaletteProps) {
  const router = useRouter()
  const pathname = usePathname()
  const [query, setQuery] = useState('')
  const [isOpen, setIsOpen] = useState(false)
  const debouncedQuery = useSettled(query.trim(), DEBOUNCE_MS)
  const { data, error, isFetching, isPlaceholderData } = useQuery({
    ...everythingQuery(debouncedQuery),
    enabled: isOpen,
  })

  const shortcuts = useQuery({ ...shortcutsQuery(), enabled: isOpen })

  const destinations = useDestinations()
  const settings = useSettingsPages().map(({ title, href }) => ({
    label: title,
    href,
    icon: SETTINGS.icon,
    keywords: keywordsOf(href),
  }))
  const { actions, signOutError } = usePaletteActions(props)
  const typed = query.trim().toLowerCase()
  const keywordOf = ({ keywords }: Keyworded) =>
    typed === '' ? undefined : keywords?.find((keyword) => keyword.startsWith(typed))
  const isMatch = (one: Keyworded) => one.label.toLowerCase().includes(typed) || keywordOf(one) !== undefined
  const favourites = typed === '' && shortcuts.data ? shortcuts.data.favourites.filter((one) => !isDropped(one)) : []
  // Its two groups are one list: what is a favourite is not there twice.
  const favouriteHrefs = new Set(favourites.map((one) => shortcutLook(one).href))
  const visits =
    typed === '' && shortcuts.data
      ? otherVisits(shortcuts.data.visits, pathname).filter((one) => !favouriteHrefs.has(shortcutLook(one).href))
      : []
  const pages = [...toPages(destinations), ...settings].filter(isMatch)
  const matchingActions = actions.filter(isMatch)
  const hits = data?.hits ?? []
  const queries = data?.queries ?? []
  const { words, kinds } = parseSearch(query)
  const isOfOtherWords = isPlaceholderData || debouncedQuery !== query.trim()
  const isSearching = isFetching || isOfOtherWords

  // The list does not select results that arrive later, and the selected one may have moved or disappeared. Before the
  // browser can deliver another key: without a selection, Enter does nothing, and with the position of another result
  // an arrow goes astray.
  const optionNames = [
    ...[...favourites, ...visits].map(favouriteKey),
    ...hits.map(hitKey),
    ...queries.map(({ queryId }) => queryId),
    ...pages.map(({ href }) => href),
    ...matchingActions.map(({ label }) => label),
  ].join('\n')
  const hasChosen = useRef(false)
  useLayoutEffect(() => {
    if (!isOpen || optionNames === '') return
    if (!(hasChosen.current && followSelected())) selectFirst()
  }, [optionNames, isOpen])

  // While a search runs the list shows results of the previous query. Enter opens the first result after it has ended.
  const shouldOpenFirst = useRef(false)
  useLayoutEffect(() => {
    if (isSearching || !shouldOpenFirst.current) return
    shouldOpenFirst.current = false
    selectFirst()?.click()
  }, [isSearching])
  const receiveTypedAhead = () => {
    const { text, hasEnter } = takeTypedAhead()
    if (text === '') return
    setQuery((current) => current + text)
    shouldOpenFirst.current = hasEnter
  }
  const waitForResults = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') hasChosen.current ||= !isOfOtherWords
    if (event.key !== 'Enter' || !isSearching) return
    event.preventDefault()
    event.stopPropagation()
    shouldOpenFirst.current = true
  }

  return (
    <Spotlight.Root
      store={paletteStore}
      query={query}
      onQueryChange={(value) => {
        setQuery(value)
        shouldOpenFirst.current = false
        hasChosen.current = false
      }}
      shortcut="mod + K"
      tagsToIgnore={[]}
      triggerOnContentEditable
      onSpotlightOpen={() => {
        setIsOpen(true)
        awaitTypedAhead()
      }}
      onSpotlightClose={() => {
        endTypedAhead()
        setIsOpen(false)
        shouldOpenFirst.current = false
        hasChosen.current = false
      }}
      // The page behind does not scroll, and the style element of the lock would have no nonce.
      lockScroll={false}
      size={600}
      yOffset="12vh"
      scrollable
      maxHeight={440}
      transitionProps={{ duration: 100, transition: 'fade' }}
      classNames={classes}
      overlayProps={{ blur: 0, backgroundOpacity: 0.3 }}
      attributes={{ content: { 'aria-label': LABEL } }}
    >
      <Spotlight.Search
        placeholder={HINT}
        maxLength={2048}
        aria-label={LABEL}
        leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
        onFocus={receiveTypedAhead}
        onKeyDownCapture={waitForResults}
      />
      <KindChips query={query} onChange={setQuery} />
      <Spotlight.ActionsList>
        <PaletteShortcuts favourites={favourites} visits={visits} />
        <FoundHits hits={hits} queries={queries} words={words} onNarrow={setQuery} isNarrowed={kinds !== null} />
        {pages.length > 0 && (
          <Spotlight.ActionsGroup label="Pages">
            {pages.map(({ label, href, icon, keywords }) => (
              <PaletteAction
                key={href}
                icon={icon}
                label={label}
                detail={keywordOf({ label, keywords })}
                onGo={() => router.push(href)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {matchingActions.length > 0 && (
          <Spotlight.ActionsGroup label="Actions">
            {matchingActions.map(({ label, icon, onRun, staysOpen }) => (
              <PaletteAction key={label} icon={icon} label={label} onGo={onRun} staysOpen={staysOpen} />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {signOutError && (
          <Spotlight.Empty role="alert">{signOutError.message} You are still signed in.</Spotlight.Empty>
        )}
        <PaletteNotes
          result={data}
          error={error}
          isSearching={isSearching}
          isEmpty={
            favourites.length + visits.length + hits.length + queries.length + pages.length + matchingActions.length ===
            0
          }
          query={query.trim()}
        />
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

function listOptions(): HTMLElement[] {
  const list = document.getElementById(paletteStore.getState().listId)
  return [...(list?.querySelectorAll<HTMLElement>('[data-action]') ?? [])]
}

/**
 * Keeps what an arrow key chose selected where it is now, when results arrive again: those of the same words may have
 * another order, or more entries.
 *
 * @returns false if it is no longer in the list
 */
function followSelected(): boolean {
  const selected = listOptions().findIndex((option) => option.dataset.selected !== undefined)
  if (selected !== -1) paletteStore.updateState((state) => ({ ...state, selected }))
  return selected !== -1
}

/** Spotlight stores the selection twice: as an attribute and as an index. */
function selectFirst(): HTMLElement | null {
  const actions = listOptions()
  for (const action of actions) action.removeAttribute('data-selected')
  const [first] = actions
  first?.setAttribute('data-selected', 'true')
  paletteStore.updateState((state) => ({ ...state, selected: first ? 0 : -1 }))
  return first ?? null
}
