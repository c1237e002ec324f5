// @vitest-environment happy-dom
import { EditorView } from '@codemirror/view'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keys } from '@/lib/client/keys'
import { clearViewDrafts } from '@/lib/client/view-drafts'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import { render } from '@/testing/components/render'
import { stubFonts } from '@/testing/components/stub-fonts'
import { EditViewForm } from './edit-view-form'
import { NewViewForm } from './new-view-form'

stubFonts()

const PLACE = { catalog: 'local', namespace: ['demo'] }
const VIEW = { ...PLACE, view: 'routes' }
const version = (versionId: number, sql: string): ViewVersion => ({
  versionId,
  createdAtMs: 1_700_000_000_000,
  schemaId: 0,
  writer: 'spark',
  summary: {},
  defaultCatalog: null,
  defaultNamespace: ['demo'],
  representations: [{ type: 'sql', dialect: 'spark', sql }],
})
const FIRST = version(1, 'select 1 as id')
const SECOND = version(2, 'select 2 as id')
const detailOf = (...versions: [ViewVersion, ...ViewVersion[]]): ViewDetail => ({
  viewUuid: 'd20125c8-7284-442c-9aea-15fee620737c',
  formatVersion: 1,
  catalogKind: 'embedded',
  abilities: ['commit-view'],
  location: 'file:///lake/demo/routes',
  metadataLocation: 'file:///lake/demo/routes/metadata/1.json',
  properties: {},
  currentVersionId: versions[0].versionId,
  currentSinceMs: null,
  openProposalCount: 0,
  versions,
  versionCount: versions.length,
  schemas: [{ schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'int' }] }],
})

beforeEach(() => {
  localStorage.clear()
  vi.stubGlobal('fetch', () => new Promise(() => {}))
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function renderAs(userId: string, form: ReactElement) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } })
  client.setQueryData(keys.session(), { userId, username: userId, permissions: ['table:write'] })
  return render(<QueryClientProvider client={client}>{form}</QueryClientProvider>)
}

function renderNew({ userId = 'u', sql = null }: { userId?: string; sql?: string | null } = {}) {
  return renderAs(
    userId,
    <NewViewForm {...PLACE} sql={sql}>
      top
    </NewViewForm>,
  )
}

function renderEdit(detail: ViewDetail, onRestart = vi.fn()) {
  const current = detail.versions[0]
  if (current === undefined) throw new Error('The view has no version.')
  renderAs(
    'u',
    <EditViewForm view={VIEW} detail={detail} current={current} onStale={vi.fn()} onRestart={onRestart}>
      top
    </EditViewForm>,
  )
  return onRestart
}

const nameField = () => screen.getByRole('textbox', { name: 'Name' })
const sqlField = () => screen.getByRole('textbox', { name: 'Query in spark' })
/** The editor in place of the field, once its code has arrived. */
const editorOf = (field: HTMLElement) => EditorView.findFromDOM(field)
const sqlText = () => editorOf(sqlField())?.state.doc.toString() ?? (sqlField() as HTMLTextAreaElement).value
/** At once: a user event for each letter takes long on a busy machine. */
function write(field: HTMLElement, value: string) {
  const editor = editorOf(field)
  if (!editor) fireEvent.change(field, { target: { value } })
  else act(() => editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } }))
}
const storedNote = () => screen.queryByText('Your draft')

describe('The draft of a new view', () => {
  it('is there again on the next visit, of its user only, and is discarded', async () => {
    renderNew()
    expect(storedNote()).toBeNull()
    write(nameField(), 'legs')
    write(sqlField(), 'select 1')
    cleanup()
    renderNew({ userId: 'another' })
    expect(nameField()).toHaveProperty('value', '')
    cleanup()
    renderNew()
    expect(storedNote()).not.toBeNull()
    expect(nameField()).toHaveProperty('value', 'legs')
    expect(sqlText()).toBe('select 1')
    await userEvent.click(screen.getByRole('button', { name: 'Discard' }))
    expect(nameField()).toHaveProperty('value', '')
    expect(storedNote()).toBeNull()
    cleanup()
    renderNew()
    expect(nameField()).toHaveProperty('value', '')
  })

  it('that begins with a query is stored with it, when something was written', async () => {
    renderNew({ sql: 'select 7 as id' })
    expect(localStorage).toHaveLength(0)
    write(nameField(), 'seven')
    cleanup()
    renderNew()
    expect(nameField()).toHaveProperty('value', '')
    cleanup()
    renderNew({ sql: 'select 7 as id' })
    expect(nameField()).toHaveProperty('value', 'seven')
  })

  it('goes when the user signs out, and one of another version of Lakeshore is left out', async () => {
    renderNew()
    write(nameField(), 'legs')
    cleanup()
    clearViewDrafts('u')
    expect(localStorage).toHaveLength(0)
    const draftKey = JSON.stringify(['local', 'demo', null])
    for (const draftText of ['{}', 'no json', '{"columns":"{}"}']) {
      const draft = { draftKey, baseVersionId: null, draftText, storedAtMs: 1 }
      localStorage.setItem('lakeshore.views.u', JSON.stringify([draft]))
      renderNew()
      expect(nameField()).toHaveProperty('value', '')
      cleanup()
    }
  })
})

describe('The draft of a view’s next version', () => {
  function writeDraft() {
    renderEdit(detailOf(FIRST))
    write(sqlField(), 'select 1 as id limit 5')
    cleanup()
  }

  it('is there again while the view is as it was', async () => {
    writeDraft()
    renderEdit(detailOf(FIRST))
    expect(storedNote()).not.toBeNull()
    expect(sqlText()).toBe('select 1 as id limit 5')
    expect(screen.queryByText('Version 2 arrived')).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Discard changes' }))
    expect(sqlText()).toBe('select 1 as id')
    expect(localStorage).toHaveLength(0)
  })

  it('says that the view changed meanwhile, also when the version it began with is gone', async () => {
    writeDraft()
    for (const detail of [detailOf(SECOND, FIRST), detailOf(SECOND)]) {
      renderEdit(detail)
      screen.getByText('Version 2 arrived')
      screen.getByText('you began with version 1')
      expect(screen.getByRole('button', { name: 'Commit version' })).toHaveProperty('disabled', true)
      cleanup()
    }
    renderEdit(detailOf(SECOND, FIRST))
    await userEvent.click(screen.getByRole('button', { name: 'Commit mine as a newer version' }))
    expect(screen.queryByText('Version 2 arrived')).toBeNull()
    within(screen.getByRole('complementary', { name: 'Review' })).getByText('New version of demo.routes')
    cleanup()
    renderEdit(detailOf(SECOND, FIRST))
    expect(screen.queryByText('Version 2 arrived')).toBeNull()
    expect(sqlText()).toBe('select 1 as id limit 5')
  })

  it('shows what it would change in where names are looked up, next to the version that arrived', () => {
    writeDraft()
    renderEdit(detailOf({ ...FIRST, versionId: 2, defaultCatalog: 'prod', defaultNamespace: ['team'] }, FIRST))
    const conflict = screen.getByRole('alert')
    const valueOf = (label: string) => within(conflict).getByText(label).nextElementSibling?.textContent
    expect(valueOf('Names without a namespace')).toBe('team → demo')
    expect(valueOf('Names without a catalog')).toBe('prod → the catalog of the view')
    expect(within(conflict).queryByText(/stays as it is/)).toBeNull()
  })

  it('says in the review that names are looked up elsewhere', () => {
    renderEdit(detailOf(FIRST))
    write(screen.getByRole('textbox', { name: 'Default namespace' }), 'team')
    const review = within(screen.getByRole('complementary', { name: 'Review' }))
    expect(review.getByText('Names without a namespace').textContent).toBe('Names without a namespacedemo → team')
    screen.getByText('The SQL stays as it is, but names without a namespace mean other tables.')
  })

  it('that came second is not advised to try again, but to choose', async () => {
    const shown = {
      request: { path: '/v1/views', body: '{}' },
      scripts: Object.fromEntries(
        ['spark', 'trino', 'pyiceberg'].map((one) => [one, { text: '', commitCount: 1, missingCount: 0 }]),
      ),
      blockers: [],
      warnings: [],
      lostColumns: [],
    }
    let conflict: ViewVersion | null = null
    vi.stubGlobal('fetch', async (input: string | URL | Request) => {
      const address = input instanceof Request ? input.url : String(input)
      if (address.endsWith('/changes/review')) return Response.json({ ...shown, conflict })
      if (address.endsWith('/change-policy')) return Response.json({ requiresProposal: false, requiredBy: null })
      if (!address.endsWith('/changes')) return new Promise<Response>(() => {})
      conflict = SECOND
      const detail = 'Version 2 of the view is current now.'
      return Response.json({ code: 'version-conflict', detail, facts: {}, requestId: 'r1' }, { status: 409 })
    })
    renderEdit(detailOf(FIRST))
    write(screen.getByRole('textbox', { name: 'Default namespace' }), 'team')
    const commit = screen.getByRole('button', { name: 'Commit version' })
    await waitFor(() => expect(commit).toHaveProperty('disabled', false))
    await userEvent.click(commit)
    await screen.findByText('Version 2 arrived')
    const review = within(screen.getByRole('complementary', { name: 'Review' }))
    await review.findByText('Take version 2, or keep yours on top of it.')
    expect(review.queryByText(/Try again/)).toBeNull()
    await userEvent.click(screen.getByRole('button', { name: 'Commit mine as a newer version' }))
    expect(review.queryByText('Another user changed this first')).toBeNull()
  })

  it('is discarded for the version that arrived', async () => {
    writeDraft()
    const onRestart = renderEdit(detailOf(SECOND, FIRST))
    await userEvent.click(screen.getByRole('button', { name: 'Take version 2' }))
    expect(onRestart).toHaveBeenCalledOnce()
    expect(localStorage).toHaveLength(0)
  })

  it('is not that of another view of the same name', async () => {
    writeDraft()
    renderEdit({ ...detailOf(FIRST), viewUuid: '00000000-0000-4000-8000-000000000001' })
    expect(storedNote()).toBeNull()
    expect(sqlText()).toBe('select 1 as id')
  })
})

describe('The SQL of a view', () => {
  it('is written in the editor of queries, in one of the known dialects or in that of the view', async () => {
    const sql = 'select 1 as `id`'
    renderEdit(detailOf({ ...FIRST, representations: [{ type: 'sql', dialect: 'oracle', sql }] }))
    const field = () => screen.getByRole('textbox', { name: 'Query in oracle' })
    await waitFor(() => expect(editorOf(field())?.state.doc.toString()).toBe(sql))
    const dialect = screen.getByRole('combobox', { name: 'Dialect' })
    expect(dialect).toHaveProperty('value', 'oracle')
    await userEvent.click(dialect)
    const options = (await screen.findAllByRole('option')).map(({ textContent }) => textContent)
    expect(options.slice(0, 3)).toEqual(['oracle', 'spark', 'trino'])
    await userEvent.click(screen.getByRole('option', { name: 'spark' }))
    expect(sqlText()).toBe(sql)
    await userEvent.click(screen.getByRole('button', { name: 'Add dialect' }))
    expect(await screen.findByRole('textbox', { name: 'Query in trino' })).toBeTruthy()
    await userEvent.click(screen.getByRole('combobox', { name: 'Dialect' }))
    await screen.findByRole('option', { name: 'trino' })
    expect(screen.queryByRole('option', { name: 'spark' })).toBeNull()
  })
})
