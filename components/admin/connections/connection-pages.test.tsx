// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { stubFonts } from '@/testing/components/stub-fonts'
import { ConnectionForm } from './connection-form'
import { ConnectionList } from './connection-list'
import { ConnectionPage } from './connection-page'
import { EMPTY_DRAFT } from './draft'
import { NewConnection } from './new-connection'
import { TEMPLATES } from './templates'

stubFonts()

let permissions: string[]
let indexes: object[]
/** The response to a submitted form: its test, or why it was not saved. */
let answer: () => Response
/** The response to the request for the connections. */
let connectionsAnswer: () => Response

const EMBEDDED = {
  name: 'local',
  kind: 'embedded',
  warehouse: 'file:///srv/lake/warehouse',
  namespaceCount: null,
  abilities: [],
  problem: null,
}

beforeEach(() => {
  permissions = ['console:admin']
  indexes = []
  connectionsAnswer = () => Response.json({ connections: [], localRoots: [] })
  vi.stubGlobal('fetch', async (address: string, { method = 'GET' }: RequestInit = {}) => {
    if (method !== 'GET') return answer()
    if (address.endsWith('/session')) {
      const user = {
        userId: 'u',
        username: 'ada',
        role: 'admin',
        expiresAtMs: 1,
        grants: [],
        hasGeneratedPassword: false,
        hasPassword: true,
      }
      return Response.json({ ...user, permissions })
    }
    if (address.endsWith('/search-indexes')) return Response.json({ indexes })
    if (address.includes('/catalogs?')) return Response.json({ catalogs: [EMBEDDED] })
    return connectionsAnswer()
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

function renderPage(page: React.ReactElement) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(<QueryClientProvider client={client}>{page}</QueryClientProvider>)
}

it('The list of connections also names the embedded catalog, without settings', async () => {
  renderPage(<ConnectionList />)
  const link = await screen.findByRole('link', { name: 'local' })
  expect(link.getAttribute('href')).toBe('/catalogs/local')
  expect(screen.getByText('file:///srv/lake/warehouse')).toBeTruthy()
  expect(screen.queryByRole('button', { name: /local/ })).toBeNull()
})

it('The pages of connections say to other users who may see them, and offer no other attempt', async () => {
  permissions = ['table:read']
  connectionsAnswer = () =>
    Response.json({ ...problem('forbidden', 'You do not have this permission.'), status: 403 }, { status: 403 })
  for (const page of [<ConnectionList key="list" />, <ConnectionPage key="one" connectionId="c1" />]) {
    renderPage(page)
    expect(await screen.findByText(/^Only full admins can see connections\./)).toBeTruthy()
    expect(screen.queryByRole('alert')).toBeNull()
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
    expect(screen.queryByRole('link', { name: 'Add connection' })).toBeNull()
    cleanup()
  }
})

describe('Adding a connection', () => {
  it('is offered to admins', async () => {
    renderPage(<ConnectionList />)
    expect(await screen.findByRole('link', { name: 'Add connection' })).toBeTruthy()
    cleanup()
    renderPage(<NewConnection />)
    expect(await screen.findByRole('list', { name: 'Kinds of catalog' })).toBeTruthy()
  })

  it('is not offered to other users, and the page says so', async () => {
    permissions = ['table:read']
    renderPage(<ConnectionList />)
    await screen.findByText(/^Only full admins/)
    expect(screen.queryByRole('link', { name: 'Add connection' })).toBeNull()
    cleanup()
    renderPage(<NewConnection />)
    expect((await screen.findByRole('alert')).textContent).toContain('Only full admins can add connections.')
    expect(screen.queryByRole('list', { name: 'Kinds of catalog' })).toBeNull()
  })

  it('begins with the form of any REST catalog, and leaves the focus where it is', async () => {
    renderPage(<NewConnection />)
    expect(await screen.findByRole('group', { name: 'Connection to Iceberg REST' })).toBeTruthy()
    expect(screen.getByRole('button', { name: /^Iceberg REST/, pressed: true })).toBeTruthy()
    expect(document.activeElement).toBe(document.body)
  })

  it('keeps the input when another kind of catalog is chosen', async () => {
    renderPage(<NewConnection />)
    await userEvent.click(await screen.findByRole('button', { name: /^Lakekeeper/ }))
    await userEvent.type(catalogName(), 'prod')
    await userEvent.click(screen.getByRole('button', { name: /^Polaris/ }))
    expect(catalogName().value).toBe('prod')
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Scope' }).value).toBe('PRINCIPAL_ROLE:ALL')
  })

  it('shows examples as placeholders, never as values', async () => {
    renderPage(<NewConnection />)
    await userEvent.click(await screen.findByRole('button', { name: /^Lakekeeper/ }))
    const url = screen.getByRole<HTMLInputElement>('textbox', { name: 'URL' })
    expect([url.value, url.placeholder]).toEqual(['', 'https://lakekeeper.example.com/catalog'])
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'Token URL' }).value).toBe('')
    for (const { draft } of TEMPLATES) expect(JSON.stringify(draft)).not.toMatch(/example|your-/)
  })

  it('marks required fields', async () => {
    renderPage(<NewConnection />)
    await userEvent.click(await screen.findByRole('button', { name: /^Iceberg REST/ }))
    const labelClass = (name: string) => screen.getByRole<HTMLInputElement>('textbox', { name }).labels?.[0]?.className
    expect(labelClass('URL')).toMatch(/_required_/)
    expect(labelClass('Warehouse')).not.toMatch(/_required_/)
    expect(screen.getByText('Fields marked with * are required.')).toBeTruthy()
  })

  it('moves the focus to the form of the chosen catalog, and scrolls there if it is out of view', async () => {
    vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue({ top: 1_200 } as DOMRect)
    const scrolled = vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(() => {})
    renderPage(<NewConnection />)
    await userEvent.click(await screen.findByRole('button', { name: /^Nessie/ }))
    const form = screen.getByRole('group', { name: 'Connection to Nessie' })
    expect(document.activeElement).toBe(form)
    expect(scrolled.mock.contexts).toContain(form)
  })
})

describe('The form of a connection', () => {
  const initialDraft = { ...EMPTY_DRAFT, name: 'prod', uri: 'https://catalog.example' }

  it.each([
    ['its steps', 200, { atMs: 1, steps: [{ step: 'address', state: 'failed', detail: 'No such host.' }] }],
    ['why it failed', 403, problem('forbidden', 'Never there.')],
  ])('scrolls the result of a test into view: %s', async (_, status, body) => {
    answer = () => Response.json(body, { status })
    const scrolledTexts: string[] = []
    vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(function (this: Element) {
      scrolledTexts.push(this.textContent)
    })
    renderPage(<ConnectionForm initialDraft={initialDraft} stored={null} />)
    await userEvent.click(screen.getByRole('button', { name: 'Test connection' }))
    await waitFor(() => expect(scrolledTexts.at(-1)).toMatch(/No such host[.]|Never there[.]/))
    expect(scrolledTexts.at(-1)).toContain(status === 200 ? 'Address' : 'The test')
  })

  it.each([
    ['prod', 'prod'],
    ['my prod', undefined],
  ])('names the connection in its test, if it can have the name: %j', async (typed, sent) => {
    answer = () => Response.json({ atMs: 1, steps: [{ step: 'login', state: 'failed', detail: 'No such login.' }] })
    const names: unknown[] = []
    const send = globalThis.fetch
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const request = new Request(new URL(input instanceof Request ? input.url : input, 'http://test'), init)
      if (request.url.endsWith('/connection-tests')) names.push(((await request.json()) as { name?: string }).name)
      return send(input, init)
    })
    renderPage(<ConnectionForm initialDraft={{ ...initialDraft, name: typed }} stored={null} />)
    await userEvent.click(screen.getByRole('button', { name: 'Test connection' }))
    await screen.findByText('No such login.')
    expect(names).toEqual([sent])
  })

  it('tests tables in an Azure account with the key and the mapping that were typed', async () => {
    answer = () => Response.json({ atMs: 1, steps: [{ step: 'storage', state: 'ok', detail: 'It can be read.' }] })
    const bodies: unknown[] = []
    const send = globalThis.fetch
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      const request = new Request(new URL(input instanceof Request ? input.url : input, 'http://test'), init)
      if (request.url.endsWith('/connection-tests')) bodies.push(await request.json())
      return send(input, init)
    })
    const root = 'abfss://lake@acme.dfs.core.windows.net/t'
    renderPage(<ConnectionForm initialDraft={{ ...EMPTY_DRAFT, kind: 'files', name: 'clouded' }} stored={null} />)
    const write = (name: string, value: string) => fireEvent.change(screen.getByLabelText(name), { target: { value } })
    write('Namespace 1', 'far')
    write('Table 1', 'flights')
    write('Location 1', root)
    await userEvent.click(screen.getByRole('combobox', { name: 'Kind' }))
    await userEvent.click(await screen.findByRole('option', { name: 'Azure Data Lake or Blob Storage' }))
    write('Allowed locations', root)
    write('Key of the storage account', 'bm90IHRoZSBrZXk=')
    await userEvent.click(screen.getByRole('button', { name: 'Add mapping' }))
    write('Path in metadata 1', 'file:///lake/t')
    write('Actual location 1', root)
    await userEvent.click(screen.getByRole('button', { name: 'Test connection' }))
    await screen.findByText('It can be read.')
    expect(bodies).toMatchObject([
      {
        settings: {
          kind: 'files',
          tables: [{ table: 'flights', metadataLocation: root }],
          storage: { kind: 'azure', roots: [root], credentials: { kind: 'account-key' } },
          mappings: [{ from: 'file:///lake/t', to: root }],
        },
        secrets: { storageAccountKey: 'bm90IHRoZSBrZXk=' },
      },
    ])
  })

  it('asks before it adds a connection whose test just failed', async () => {
    answer = () =>
      Response.json({ atMs: 1, steps: [{ step: 'login', state: 'failed', detail: 'The token is not accepted.' }] })
    renderPage(<ConnectionForm initialDraft={initialDraft} stored={null} />)
    await userEvent.click(screen.getByRole('button', { name: 'Test connection' }))
    await screen.findByText('The token is not accepted.')
    const requests = vi.fn()
    answer = () => {
      requests()
      return Response.json(problem('already-exists', 'There is a catalog prod.'), { status: 409 })
    }
    const scrolled = vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(() => {})
    await userEvent.click(screen.getByRole('button', { name: 'Add connection' }))
    expect(scrolled.mock.contexts.at(-1)).toHaveProperty('textContent', 'Add anywayTest connectionCancel')
    expect(screen.getByText('The test failed: Authentication failed. Add the connection anyway?')).toBeTruthy()
    expect(requests).not.toHaveBeenCalled()
    await userEvent.click(screen.getByRole('button', { name: 'Add anyway' }))
    await waitFor(() => expect(requests).toHaveBeenCalledOnce())
  })

  it('asks no more once the settings are changed', async () => {
    answer = () => Response.json({ atMs: 1, steps: [{ step: 'login', state: 'failed', detail: 'No.' }] })
    renderPage(<ConnectionForm initialDraft={initialDraft} stored={null} />)
    await userEvent.click(screen.getByRole('button', { name: 'Test connection' }))
    await screen.findByText('No.')
    await userEvent.click(screen.getByRole('button', { name: 'Add connection' }))
    await userEvent.type(screen.getByRole('textbox', { name: 'Warehouse' }), 'lake')
    expect(screen.getByRole('button', { name: 'Add connection' })).toBeTruthy()
    expect(screen.queryByText(/anyway/)).toBeNull()
  })

  it('says what to do when the name is taken', async () => {
    answer = () => Response.json(problem('already-exists', 'There is a catalog prod.'), { status: 409 })
    renderPage(<ConnectionForm initialDraft={initialDraft} stored={null} />)
    await userEvent.click(screen.getByRole('button', { name: 'Add connection' }))
    const alertText = (await screen.findByRole('alert')).textContent
    expect(alertText).toContain('Give the connection another name')
    expect(alertText).not.toContain('log of the server')
  })

  it('says which names are valid', () => {
    renderPage(<ConnectionForm initialDraft={{ ...initialDraft, name: 'my lake' }} stored={null} />)
    expect(screen.getByText(/A name has at most 64 letters, digits/)).toBeTruthy()
  })
})

function catalogName(): HTMLInputElement {
  return screen.getByRole('textbox', { name: 'Catalog name' })
}

function problem(code: string, detail: string) {
  return { type: 'x', title: 'x', status: 400, code, detail, facts: {}, requestId: 'r' }
}

describe('The search index', () => {
  const index = { tableCount: 7, crawledAtMs: null, isTruncated: false, lastRun: null }

  it('says how each catalog is read and why a crawl failed, and starts another', async () => {
    const lastRun = { runId: 'r1', state: 'failed', failure: 'The catalog does not answer.' }
    indexes = [
      { ...index, catalog: 'prod', reader: 'search', lastRun },
      { ...index, catalog: 'personal', reader: 'none' },
    ]
    answer = () => Response.json({ detail: 'No worker is free.', code: 'database-busy' }, { status: 503 })
    renderPage(<ConnectionList />)
    const table = await screen.findByRole('table', { name: 'Search index' })
    await waitFor(() => expect(table.textContent).toContain('The catalog does not answer.'))
    expect(table.textContent).toContain('credentials for search')
    expect(table.textContent).toContain('not indexed: names only, live')
    expect(screen.queryByRole('button', { name: 'Index now: personal' })).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Index now: prod' }))
    expect((await screen.findByRole('alert')).textContent).toContain('The crawl of prod')
  })

  it('is not shown to other users', async () => {
    permissions = ['table:read']
    renderPage(<ConnectionList />)
    await screen.findByText(/^Only full admins/)
    expect(screen.queryByText('Search index')).toBeNull()
  })
})
