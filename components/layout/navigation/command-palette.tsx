'use client'
import { useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Spotlight } from '@mantine/spotlight'
import {
  IconDeviceDesktop,
  IconEye,
  IconFolder,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSearch,
  IconSun,
  IconTable,
  IconWorld,
  type TablerIcon,
  IconUsers,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { searchQuery } from '@/lib/client/search'
import { useSignOut } from '@/lib/client/session/sign-out'
import type { SearchHit } from '@/lib/contract/search'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import classes from './command-palette.module.css'
import { paletteStore } from './palette-store'
import { SETTINGS } from './destinations'
import { useDestinations } from './use-destinations'
import { useSettingsPages } from './use-settings-pages'

/** How long typing has to pause before the search is sent. */
const DEBOUNCE_MS = 120

function toPages(destinations: ReturnType<typeof useDestinations>) {
  return [
    ...destinations
      .filter(({ label }) => label !== 'Dashboards')
      .map(({ label, href, icon }) => ({ label, href, icon })),
    ...destinations
      .filter(({ label }) => label === 'Dashboards')
      .flatMap(({ icon }) => [
        { label: 'Ingestion dashboard', href: paths.ingestionDashboard(), icon },
        { label: 'Compression dashboard', href: paths.compressionDashboard(), icon },
      ]),
    { label: 'Proposals', href: paths.waitingProposals(), icon: IconUsers },
  ]
}

/** The names in the field and for screen readers. */
const HINT = 'Tables, views, namespaces, pages, actions'
const LABEL = 'Find a table, a view, a namespace, a page or an action'

type PaletteProps = { onShortcuts: () => void; onTimeZone: () => void }

/** `Ctrl/⌘ K`: opens any table, view, namespace or page by its name, and runs actions of the shell. */
export function CommandPalette(props: PaletteProps) {
  const router = useRouter()
  const [query, setQuery] = useState('')
  const [isOpen, setIsOpen] = useState(false)
  const [debouncedQuery] = useDebouncedValue(query.trim(), DEBOUNCE_MS)
  const { data, error, isFetching } = useQuery({ ...searchQuery(debouncedQuery), enabled: isOpen })

  const destinations = useDestinations()
  const settings = useSettingsPages().map(({ title, href }) => ({ label: title, href, icon: SETTINGS.icon }))
  const { actions, signOutError } = useActions(props)
  const isMatch = ({ label }: { label: string }) => label.toLowerCase().includes(query.trim().toLowerCase())
  const pages = [...toPages(destinations), ...settings].filter(isMatch)
  const matchingActions = actions.filter(isMatch)
  const hits = data?.hits ?? []
  const isSearching = isFetching || debouncedQuery !== query.trim()

  // The list does not select results that arrive later, and the selected one may have moved or gone.
  const optionNames = [
    ...hits.map(hitHref),
    ...pages.map(({ href }) => href),
    ...matchingActions.map(({ label }) => label),
  ].join('\n')
  useEffect(() => {
    if (isOpen && optionNames !== '') selectFirst()
  }, [optionNames, isOpen])

  // While a search runs the list shows results of the previous query. Enter opens the first result after it has ended.
  const shouldOpenFirst = useRef(false)
  useEffect(() => {
    if (isSearching || !shouldOpenFirst.current) return
    shouldOpenFirst.current = false
    selectFirst()?.click()
  }, [isSearching])
  const waitForResults = (event: KeyboardEvent) => {
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
      }}
      shortcut="mod + K"
      tagsToIgnore={[]}
      triggerOnContentEditable
      onSpotlightOpen={() => setIsOpen(true)}
      onSpotlightClose={() => {
        setIsOpen(false)
        shouldOpenFirst.current = false
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
        aria-label={LABEL}
        leftSection={<IconSearch size={16} stroke={1.6} aria-hidden />}
        onKeyDownCapture={waitForResults}
      />
      <Spotlight.ActionsList>
        {hits.length > 0 && (
          <Spotlight.ActionsGroup label={data?.isCut ? 'In the lake, best matches' : 'In the lake'}>
            {hits.map((hit) => (
              <PaletteAction
                key={hitHref(hit)}
                icon={ICONS[hit.entry?.kind ?? 'namespace']}
                label={[namespaceLabel(hit.namespace), ...(hit.entry === null ? [] : [hit.entry.name])].join('.')}
                description={hit.catalog}
                onGo={() => router.push(hitHref(hit))}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {pages.length > 0 && (
          <Spotlight.ActionsGroup label="Pages">
            {pages.map(({ label, href, icon }) => (
              <PaletteAction key={href} icon={icon} label={label} onGo={() => router.push(href)} />
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
        {data && data.unreachable.length > 0 && (
          <Spotlight.Empty role="status">
            Not searched: {data.unreachable.map(({ catalog, detail }) => `${catalog} (${detail})`).join(', ')}
          </Spotlight.Empty>
        )}
        {error && <Spotlight.Empty role="alert">Search failed: {error.message}</Spotlight.Empty>}
        {!error && hits.length + pages.length + matchingActions.length === 0 && (
          <Spotlight.Empty role="status">
            {isSearching
              ? 'Searching…'
              : `No table, view, namespace, page or action is named like “${query.trim()}”. Columns, properties, snapshots, branches and tags are not searched.`}
          </Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

type Action = { label: string; icon: TablerIcon; onRun: () => void; staysOpen?: boolean }

/** Actions of the palette other than opening a page. */
function useActions({ onShortcuts, onTimeZone }: PaletteProps) {
  const { setColorScheme } = useMantineColorScheme()
  const signOut = useSignOut()
  const actions: readonly Action[] = [
    { label: 'Use the light theme', icon: IconSun, onRun: () => setColorScheme('light') },
    { label: 'Use the dark theme', icon: IconMoon, onRun: () => setColorScheme('dark') },
    { label: 'Use the system’s theme', icon: IconDeviceDesktop, onRun: () => setColorScheme('auto') },
    { label: 'Choose the time zone…', icon: IconWorld, onRun: onTimeZone },
    { label: 'Show keyboard shortcuts', icon: IconKeyboard, onRun: onShortcuts },
    { label: 'Sign out', icon: IconLogout, onRun: () => signOut.mutate(), staysOpen: true },
  ]
  return { actions, signOutError: signOut.error }
}

function PaletteAction({
  icon: Icon,
  label,
  description,
  onGo,
  staysOpen = false,
}: {
  icon: TablerIcon
  label: string
  description?: string
  onGo: () => void
  staysOpen?: boolean | undefined
}) {
  return (
    <Spotlight.Action onClick={onGo} closeSpotlightOnTrigger={!staysOpen}>
      <Icon size={15} stroke={1.6} aria-hidden />
      <span className={classes.label} title={label}>
        {label}
      </span>
      {description !== undefined && (
        <span className={classes.description} title={description}>
          {description}
        </span>
      )}
    </Spotlight.Action>
  )
}

/** Spotlight stores the selection twice: as an attribute and as an index. */
function selectFirst(): HTMLElement | null {
  const list = document.getElementById(paletteStore.getState().listId)
  const actions = [...(list?.querySelectorAll<HTMLElement>('[data-action]') ?? [])]
  for (const action of actions) action.removeAttribute('data-selected')
  const [first] = actions
  first?.setAttribute('data-selected', 'true')
  paletteStore.updateState((state) => ({ ...state, selected: first ? 0 : -1 }))
  return first ?? null
}

const ICONS = { namespace: IconFolder, table: IconTable, view: IconEye }

function hitHref({ catalog, namespace, entry }: SearchHit): string {
  return entry === null ? paths.namespace(catalog, namespace) : paths.entry(catalog, namespace, entry)
}
