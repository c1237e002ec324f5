import { paths, targetFromPathname, TABLE_TABS } from '@/lib/paths/paths'

/** The subject of a page whose address has only an id. */
export type NamedById = { kind: 'run' | 'user' | 'group'; id: string }

/** One step of the breadcrumbs. The last one is the current page and has no href. `named`: shown by the name it has. */
export type Crumb = { label: string; href: string | null; named?: NamedById }

const PAGES: Record<string, readonly string[]> = {
  '/': ['Home'],
  '/catalogs': ['Explore'],
  '/query': ['Query'],
  [paths.load()]: ['Load'],
  [paths.waitingProposals()]: ['Proposals'],
  '/jobs': ['Jobs'],
  '/audit': ['Audit'],
  '/dashboards/ingestion': ['Dashboards', 'Ingestion'],
  '/dashboards/compression': ['Dashboards', 'Compression'],
  '/settings/account': ['Settings', 'Account'],
  '/settings/tokens': ['Settings', 'Tokens'],
  '/settings/connections': ['Settings', 'Connections'],
  [paths.users()]: ['Settings', 'Users'],
  [paths.apiReference()]: ['Settings', 'API reference'],
}

/** The pages below the tabs of a table. */
const TAB_PAGES: ReadonlyMap<string, string> = new Map([
  ['settings/compression', 'Compression studio'],
  ['snapshots/compare', 'Compare'],
  ['snapshots/row', 'Row history'],
  ['snapshots/find', 'Find breaking commit'],
  ['history/proposals', 'Proposals'],
])

/** The pages below that of a view. */
const VIEW_PAGES: ReadonlyMap<string, string> = new Map([
  ['edit', 'Edit'],
  ['proposals', 'Proposals'],
])

/** Where an address has the name of a page below a tab. */
const TAB_PAGE_STEP = 8

const SETTINGS: Crumb = { label: 'Settings', href: null }

/** The breadcrumbs of a path: pages by their names, catalogs level by level. */
export function breadcrumbTrail(pathname: string): Crumb[] {
  const { catalog, namespace = [], table, view, tab } = targetFromPathname(pathname)
  if (catalog === undefined) {
    const [, root, id, runId] = pathname.split('/')
    if (root === 'jobs' && id !== undefined) {
      return [
        { label: 'Jobs', href: paths.jobs() },
        { label: 'Run', href: null, named: { kind: 'run', id: decodeURIComponent(id) } },
      ]
    }
    if (root === 'ingest' && id === 'runs' && runId !== undefined) {
      return [
        { label: 'Load', href: paths.load() },
        { label: 'Run', href: null, named: { kind: 'run', id: decodeURIComponent(runId) } },
      ]
    }
    if (root === 'audit' && id !== undefined) {
      return [
        { label: 'Audit', href: paths.audit() },
        { label: 'Entry', href: null },
      ]
    }
    const labels = PAGES[pathname]
    if (labels) return labels.map((label) => ({ label, href: null }))
    if (pathname.startsWith(`${paths.users()}/`)) return userTrail(pathname)
    return pathname.startsWith(`${paths.connections()}/`) ? connectionTrail(pathname) : []
  }
  const crumbs: Crumb[] = [{ label: catalog, href: paths.catalog(catalog) }]
  if (pathname === paths.warehouse(catalog)) crumbs.push({ label: 'Warehouse', href: null })
  namespace.forEach((label, level) => {
    crumbs.push({ label, href: paths.namespace(catalog, namespace.slice(0, level + 1)) })
  })
  if (table !== undefined) {
    crumbs.push({ label: table, href: paths.table({ catalog, namespace, table }) })
    const knownTab = TABLE_TABS.find((name) => name === (tab ?? 'overview'))
    if (knownTab !== undefined) {
      const label = knownTab.charAt(0).toUpperCase() + knownTab.slice(1)
      crumbs.push({ label, href: paths.table({ catalog, namespace, table }, knownTab) })
      const page = TAB_PAGES.get(`${knownTab}/${pathname.split('/')[TAB_PAGE_STEP]}`)
      if (page !== undefined) crumbs.push({ label: page, href: null })
    }
  }
  if (namespace.length > 0 && pathname === paths.newTable(catalog, namespace))
    crumbs.push({ label: 'New table', href: null })
  if (namespace.length > 0 && pathname === paths.newView(catalog, namespace))
    crumbs.push({ label: 'New view', href: null })
  if (namespace.length > 0 && pathname.startsWith(paths.proposals({ catalog, namespace })))
    crumbs.push({ label: 'Proposals', href: null })
  if (view !== undefined) {
    crumbs.push({ label: view, href: paths.view({ catalog, namespace, view }) })
    const label = VIEW_PAGES.get(tab ?? '')
    if (label !== undefined) crumbs.push({ label, href: null })
  }
  const last = crumbs.at(-1)
  if (last !== undefined) last.href = null
  return crumbs
}

/** The connection itself is named by the page, not by the breadcrumbs. */
function connectionTrail(pathname: string): Crumb[] {
  return [
    SETTINGS,
    { label: 'Connections', href: paths.connections() },
    { label: pathname === paths.newConnection() ? 'Add' : 'Change', href: null },
  ]
}

function userTrail(pathname: string): Crumb[] {
  const users: Crumb = { label: 'Users', href: paths.users() }
  if (pathname === paths.accessTo()) return [SETTINGS, users, { label: 'By table', href: null }]
  const isGroup = pathname.startsWith(`${paths.users()}/groups/`)
  const id = decodeURIComponent(pathname.split('/').at(-1) ?? '')
  const named: NamedById = { kind: isGroup ? 'group' : 'user', id }
  return [SETTINGS, users, { label: isGroup ? 'Group' : 'User', href: null, named }]
}
