// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { enterText } from '@/testing/components/enter-text'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { keys } from '@/lib/client/keys'
import { runSignOutTasks } from '@/lib/client/session/sign-out-tasks'
import { encodeText } from '@/lib/ingest/text-encoding'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { createParquetEncoder } from '@/lib/scan/output/parquet-encoder'
import { enabledButton } from '@/testing/components/enabled-button'
import { render } from '@/testing/components/render'
import { NewTableForm } from './new-table-form'

const PLACE = { catalog: 'local', namespace: ['demo'] }
const REVIEW = {
  request: { path: '/v1/local/namespaces/demo/tables', body: '{"name": "legs"}' },
  scripts: Object.fromEntries(
    ['spark', 'trino', 'pyiceberg'].map((name) => [name, { text: name, commitCount: 1, missingCount: 0 }]),
  ),
  blockers: [],
  warnings: [],
  location: 'file:///lake/demo/legs',
  addedProperties: { 'write.parquet.compression-codec': 'zstd' },
}

let calls: { url: string; body: Record<string, unknown> }[] = []
let answers: Record<string, () => Response> = {}

beforeEach(() => {
  localStorage.clear()
  calls = []
  answers = { review: () => Response.json(REVIEW) }
})
afterEach(() => {
  cleanup()
  runSignOutTasks()
  vi.unstubAllGlobals()
})

function renderForm(query = '') {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } })
  client.setQueryData(keys.session(), { userId: 'u', username: 'ada', permissions: ['table:write'] })
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    calls.push({ url, body: JSON.parse(init.body as string) })
    return (answers[url.split('/').at(-1) ?? ''] ?? answers['create'] ?? (() => Response.error()))()
  })
  return render(
    <QueryClientProvider client={client}>
      <NewTableForm {...PLACE}>top</NewTableForm>
    </QueryClientProvider>,
    { query },
  )
}

async function declareLegs() {
  await enterText(screen.getByRole('textbox', { name: 'Name' }), 'legs')
  await userEvent.click(screen.getByRole('button', { name: 'Add column' }))
}

const problem = (status: number, code: string, detail: string) =>
  Response.json({ type: 'about:blank', title: code, status, code, detail, requestId: 'r' }, { status })

it('reviews what is declared, and keeps it for the next visit', async () => {
  const { unmount } = renderForm()
  await declareLegs()
  const review = screen.getByRole('complementary', { name: 'Review' })
  await within(review).findByText('Create demo.legs, format version 2')
  await within(review).findByText(/"name": "legs"/)
  await within(review).findByText('1 property set by the catalog')
  await within(review).findByText('write.parquet.compression-codec = zstd')
  // A pause between two keys sends a review of the beginning, with the same answer.
  await enabledButton('Create table')
  expect(JSON.parse(String(calls.at(-1)?.body['declaration']))).toMatchObject({
    'format-version': 2,
    columns: [{ name: 'column_1', type: 'string' }],
  })
  unmount()
  renderForm()
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveProperty('value', 'legs')
  screen.getByRole('button', { name: 'Edit column_1' })
  await userEvent.click(screen.getByRole('button', { name: 'Discard draft' }))
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveProperty('value', '')
})

it('shows a taken name at its field, and creates nothing', async () => {
  answers['review'] = () => Response.json({ ...REVIEW, blockers: [{ part: 'name', message: 'There is already one.' }] })
  renderForm()
  await declareLegs()
  expect(await screen.findAllByText('There is already one.')).toHaveLength(2)
  expect(screen.getByRole('button', { name: 'Create table' })).toHaveProperty('disabled', true)
})

it('warns of a name that differs from another one in case, which can be created', async () => {
  answers['review'] = () => Response.json({ ...REVIEW, warnings: ['The namespace has the table LEGS already.'] })
  renderForm()
  await declareLegs()
  expect(await screen.findByText('The namespace has the table LEGS already.')).toBeTruthy()
  await enabledButton('Create table')
})

it('looks for an unknown outcome, and sends nothing again until it is known', async () => {
  answers['create'] = () => problem(502, 'commit-state-unknown', 'The answer is lost.')
  answers['outcome'] = () => Response.json({ outcome: 'pending', auditId: null })
  renderForm()
  await declareLegs()
  const create = await enabledButton('Create table')
  await userEvent.click(create)
  await screen.findByText(/it is not known whether demo.legs was made/)
  expect(create).toHaveProperty('disabled', true)
  const [sent] = calls.filter(({ url }) => url.endsWith('/new-tables/legs'))

  await userEvent.click(screen.getByRole('button', { name: 'Look again' }))
  await screen.findByText(/still does not say whether it made demo.legs/)
  expect(calls.at(-1)?.body['idempotencyKey']).toBe(sent?.body['idempotencyKey'])
  answers['outcome'] = () => Response.json({ outcome: 'not-committed', auditId: null })
  await userEvent.click(screen.getByRole('button', { name: 'Look again' }))
  await screen.findByText(/was not made. You can send the request again/)
  expect(calls.filter(({ url }) => url.endsWith('/new-tables/legs'))).toHaveLength(1)
})

it('moves through the columns with arrow keys, and opens and closes nested ones', async () => {
  renderForm()
  await userEvent.click(screen.getByRole('button', { name: 'Add column' }))
  await userEvent.keyboard('{Enter}')
  await userEvent.click(screen.getByRole('button', { name: 'Edit column_1' }))
  await userEvent.click(screen.getByRole('combobox', { name: 'Type of column_1' }))
  await userEvent.click(await screen.findByRole('option', { name: 'struct' }))
  await userEvent.click(screen.getByRole('button', { name: 'Done' }))
  const name = screen.getByRole('button', { name: 'Edit column_1' })
  name.focus()
  await userEvent.keyboard('{ArrowDown}')
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Edit field' }))
  await userEvent.keyboard('{ArrowLeft}')
  expect(document.activeElement).toBe(name)
  await userEvent.keyboard('{ArrowLeft}')
  expect(screen.queryByRole('button', { name: 'Edit field' })).toBeNull()
  await userEvent.keyboard('{ArrowRight}')
  expect(screen.getByRole('button', { name: 'Edit field' })).toBeTruthy()
})

it('takes the types of a CSV file, and says that its rows are the next step', async () => {
  renderForm('?source=file')
  const file = new File(['id,zip\n1,01234\n'], 'trips.csv', { type: 'text/csv' })
  await userEvent.upload(await screen.findByLabelText('Files of your disk'), file)
  await screen.findByText(/Filled from trips.csv/)
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveProperty('value', 'trips')
  // A line below the column, which is also there on a phone.
  const doubt = screen.getByRole('row', { name: 'digits with leading zeros' })
  expect(doubt.previousElementSibling?.textContent).toMatch(/^zip.*01234/)
  screen.getByText(/The page that loads its rows opens next/)
})

it('says of a type that was chosen by hand which values do not fit it', async () => {
  renderForm('?source=file')
  const rows = Array.from({ length: 200 }, (_, i) => (i === 7 ? '12.5' : `${i}`))
  await userEvent.upload(
    await screen.findByLabelText('Files of your disk'),
    new File([`quantity\n${rows.join('\n')}\n`], 'trades.csv'),
  )
  await screen.findByRole('row', { name: 'decimal(18, 1) is exact' })
  await userEvent.click(screen.getByRole('button', { name: 'Edit quantity' }))
  await userEvent.click(screen.getByRole('combobox', { name: 'Type of quantity' }))
  await userEvent.click(await screen.findByRole('option', { name: 'int' }))
  const doubt = '1 of 200 values does not fit int: “12.5” in line 9 is not a whole number such as 1204'
  await screen.findByRole('row', { name: doubt })
  expect(screen.queryByText(/is exact/)).toBeNull()
})

it('asks how a German CSV file is read, and fills the form only when it knows', async () => {
  renderForm('?source=file')
  const file = new File(['price;quantity;day\n1.234,56;3.472;03/04/2026\n'], 'trades.csv', { type: 'text/csv' })
  await userEvent.upload(await screen.findByLabelText('Files of your disk'), file)
  const numbers = await screen.findByRole('combobox', { name: 'Numbers are written as' })
  expect(numbers).toHaveProperty('value', '')
  expect(
    screen.getByText(/“3.472” in quantity [(]line 2[)] is 3.472 if numbers are written as 1234.56, or 3472/),
  ).toBeTruthy()
  expect(screen.queryByText(/^Filled from/)).toBeNull()
  await userEvent.click(numbers)
  await userEvent.click(await screen.findByRole('option', { name: '1.234,56: “3.472” is 3472' }))
  expect(screen.queryByText(/^Filled from/)).toBeNull()
  await userEvent.click(await screen.findByRole('combobox', { name: 'Dates are written as' }))
  await userEvent.click(await screen.findByRole('option', { name: 'day/month/year: “03/04/2026” is 2026-04-03' }))
  expect(await screen.findByText(/^Filled from trades.csv/)).toBeTruthy()
  expect(screen.queryByRole('combobox', { name: 'Numbers are written as' })).toBeNull()
  await vi.waitUntil(() => calls.length > 0, { timeout: 60_000 })
  expect(JSON.parse(String(calls.at(-1)?.body['declaration']))).toMatchObject({
    columns: [
      { name: 'price', type: 'double' },
      { name: 'quantity', type: 'long' },
      { name: 'day', type: 'date' },
    ],
  })
  expect(screen.getByRole('combobox', { name: 'Numbers' })).toHaveProperty('value', '1.234,56')
})

it('shows no form while its file has open questions, which would move it and whose answers decide its columns', async () => {
  renderForm('?source=file')
  const input = await screen.findByLabelText('Files of your disk')
  const states: string[] = []
  const look = () => {
    const form = screen.queryByRole('textbox', { name: 'Name' }) && 'form'
    const question = screen.queryByRole('combobox', { name: 'Numbers are written as' }) && 'question'
    const state = [form, question].filter(Boolean).join(' and ')
    if (states.at(-1) !== state) states.push(state)
  }
  look()
  const observer = new MutationObserver(look)
  observer.observe(document.body, { childList: true, subtree: true })
  await userEvent.upload(input, new File(['price;quantity\n1.234,56;3.472\n'], 'trades.csv', { type: 'text/csv' }))
  await screen.findByRole('combobox', { name: 'Numbers are written as' })
  observer.disconnect()
  expect(states).toEqual(['form', '', 'question'])
  expect(screen.getByRole('button', { name: 'Create table' })).toHaveProperty('disabled', true)
})

it('says before a table is made that a CSV file cannot be loaded, and fills nothing', async () => {
  renderForm('?source=file')
  const file = new File(['id,zip,id\n1,01234,2\n'], 'trips.csv', { type: 'text/csv' })
  await userEvent.upload(await screen.findByLabelText('Files of your disk'), file)
  const note = await screen.findByRole('alert')
  expect(note.textContent).toContain('The file cannot be loaded as it is. The header names the column "id" twice')
  expect(note.textContent).toContain('Correct the file, choose how it is written, or choose another one.')
  expect(screen.queryByText(/Filled from/)).toBeNull()
  expect(screen.queryByRole('textbox', { name: 'Name' })).toBeNull()
})

it('creates no table of the file before when a new one cannot be read', async () => {
  renderForm('?source=file')
  const input = await screen.findByLabelText('Files of your disk')
  await userEvent.upload(input, new File(['id,zip\n1,2\n'], 'first.csv', { type: 'text/csv' }))
  await screen.findByText(/Filled from first.csv/)
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveProperty('value', 'first')
  await userEvent.upload(input, new File(['id,id\n1,2\n'], 'second.csv', { type: 'text/csv' }))
  expect((await screen.findByRole('alert')).textContent).toContain('The header names the column "id" twice')
  expect(screen.queryByRole('textbox', { name: 'Name' })).toBeNull()
  expect(screen.getByRole('button', { name: 'Create table' })).toHaveProperty('disabled', true)
  await userEvent.upload(input, new File(['id\n1\n'], 'third.csv', { type: 'text/csv' }))
  expect((await screen.findByRole('textbox', { name: 'Name' })).getAttribute('value')).toBe('third')
})

it('leaves out a row that is not CSV, says so, and creates the table of the others', async () => {
  renderForm('?source=file')
  const rows = Array.from({ length: 3_000 }, (_, i) => (i === 1_499 ? '2499,"SAP "AG"",buy' : `${i},"SAP",buy`))
  const file = new File([`id,name,side\n${rows.join('\n')}\n`], 'trades.csv', { type: 'text/csv' })
  await userEvent.upload(await screen.findByLabelText('Files of your disk'), file)
  await screen.findByText(/^Filled from trades.csv/)
  const note = await screen.findByText(/cannot be read/)
  expect(note.textContent).toContain('1 of 3,000 rows cannot be read: line 1,501 has text after a closing quote.')
  expect(note.textContent).toContain('The load rejects this row: correct the file, or allow rejected rows there.')
  expect(note.textContent).not.toContain('more than 1%')
  await enabledButton('Create table')
  expect(JSON.parse(String(calls.at(-1)?.body['declaration']))).toMatchObject({
    columns: [
      { name: 'id', type: 'long' },
      { name: 'name', type: 'string' },
      { name: 'side', type: 'string' },
    ],
  })
})

it('reads a file in the encoding that its bytes show, which is one button below the problem', async () => {
  renderForm('?source=file')
  const latin = encodeText('ort\nKöln\n', 'windows-1252').slice()
  await userEvent.upload(await screen.findByLabelText('Files of your disk'), new File([latin], 'orte.csv'))
  await userEvent.click(within(await screen.findByRole('alert')).getByRole('button', { name: 'Read as windows-1252' }))
  await screen.findByText(/^Filled from orte.csv/)
  expect(screen.queryByRole('alert')).toBeNull()
  expect(screen.getByRole('combobox', { name: 'Encoding' })).toHaveProperty('value', 'windows-1252')
})

it('shows the columns of a Parquet file with their exact types for approval, and creates nothing by itself', async () => {
  const fields: NestedField[] = [
    { id: 90, name: 'price', required: false, type: 'decimal(38, 10)' },
    { id: 80, name: 'flown_at', required: false, type: 'timestamptz_ns' },
    {
      id: 70,
      name: 'leg',
      required: false,
      type: { type: 'struct', fields: [{ id: 71, name: 'origin', required: false, type: 'uuid' }] },
    },
  ]
  const encoder = createParquetEncoder(fields)
  const file = new File([Buffer.concat([encoder.start(), encoder.end()])], 'legs.parquet')
  renderForm('?source=file')
  await userEvent.upload(await screen.findByLabelText('Files of your disk'), file)
  await screen.findByText(/Filled from legs.parquet/)
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveProperty('value', 'legs')
  for (const type of ['decimal(38, 10)', 'timestamptz_ns', 'uuid']) expect(screen.getAllByText(type)).not.toEqual([])
  await waitFor(() => expect(calls).not.toEqual([]))
  expect(JSON.parse(String(calls.at(-1)?.body['declaration']))).toMatchObject({
    'format-version': 3,
    columns: [
      { name: 'price', type: 'decimal(38, 10)' },
      { name: 'flown_at', type: 'timestamptz_ns' },
      { name: 'leg', type: { struct: [{ name: 'origin', type: 'uuid' }] } },
    ],
  })
  expect(calls.every(({ url }) => url.endsWith('/review'))).toBe(true)
})
