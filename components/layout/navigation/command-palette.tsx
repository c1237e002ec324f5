'use client'
import { useDebouncedValue } from '@mantine/hooks'
import { Spotlight } from '@mantine/spotlight'
import { IconEye, IconFolder, IconSearch, IconTable, type TablerIcon } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { searchQuery } from '@/lib/client/search'
import type { SearchHit } from '@/lib/contract/search'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { paths } from '@/lib/paths'
import classes from './command-palette.module.css'
import { paletteStore } from './palette-store'
import { DESTINATIONS, SETTINGS } from './destinations'
import { useSettingsPages } from './use-settings-pages'

/** How long typing has to pause before the search is sent. */
const DEBOUNCE_MS = 120

const PAGES = [
  ...DESTINATIONS.filter(({ label }) => label !== 'Dashboards').map(({ label, href, icon }) => ({ label, href, icon })),
  ...DESTINATIONS.filter(({ label }) => label === 'Dashboards').flatMap(({ icon }) => [
    { label: 'Ingestion dashboard', href: paths.ingestionDashboard(), icon },
    { label: 'Compression dashboard', href: paths.compressionDashboard(), icon },
  ]),
]

/** `Ctrl/⌘ K`: opens any table, view, namespace or page by its name. */
export function CommandPalette() {
  const router = useRouter()
  const [query, setQuery] = useState('')
  const [isOpen, setIsOpen] = useState(false)
  const [debouncedQuery] = useDebouncedValue(query.trim(), DEBOUNCE_MS)
  const { data, error, isFetching } = useQuery({ ...searchQuery(debouncedQuery), enabled: isOpen })

  const settings = useSettingsPages().map(({ label, href }) => ({
    label: `${label} settings`,
    href,
    icon: SETTINGS.icon,
  }))
  const pages = [...PAGES, ...settings].filter(({ label }) => label.toLowerCase().includes(query.trim().toLowerCase()))
  const hits = data?.hits ?? []
  const isSearching = isFetching || debouncedQuery !== query.trim()

  // The list does not select results that arrive later, and the selected one may have moved or gone.
  const optionHrefs = [...hits.map(hitHref), ...pages.map(({ href }) => href)].join('\n')
  useEffect(() => {
    if (isOpen && optionHrefs !== '') selectFirst()
  }, [optionHrefs, isOpen])

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
      attributes={{ content: { 'aria-label': 'Find a table, a view, a namespace or a page' } }}
    >
      <Spotlight.Search
        placeholder="Tables, views, namespaces, pages"
        aria-label="Find a table, a view, a namespace or a page"
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
        {data && data.unreachable.length > 0 && (
          <Spotlight.Empty role="status">
            Not searched: {data.unreachable.map(({ catalog, detail }) => `${catalog} (${detail})`).join(', ')}
          </Spotlight.Empty>
        )}
        {error && <Spotlight.Empty role="alert">Search failed: {error.message}</Spotlight.Empty>}
        {!error && hits.length + pages.length === 0 && (
          <Spotlight.Empty role="status">
            {isSearching ? 'Searching…' : `No table, view, namespace or page matches “${query.trim()}”.`}
          </Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

function PaletteAction({
  icon: Icon,
  label,
  description,
  onGo,
}: {
  icon: TablerIcon
  label: string
  description?: string
  onGo: () => void
}) {
  return (
    <Spotlight.Action onClick={onGo}>
      <Icon size={15} stroke={1.6} aria-hidden />
      <span className={classes.label}>{label}</span>
      {description !== undefined && <span className={classes.description}>{description}</span>}
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
