// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { enterText } from '@/testing/components/enter-text'
import { NuqsTestingAdapter, type UrlUpdateEvent } from 'nuqs/adapters/testing'
import { useState } from 'react'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { AppError } from '@/lib/errors'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { chooseTimeZone } from '@/lib/time-zone'
import type { EditedCondition } from './filter/edited-condition'
import { FilterBar } from './filter-bar'
import { useRowFilter } from './use-row-filter'

const FIELDS: NestedField[] = [
  { id: 1, name: 'delay', required: false, type: 'int' },
  { id: 2, name: 'origin', required: false, type: 'string' },
  { id: 3, name: 'total', required: false, type: 'long' },
  { id: 4, name: 'late', required: false, type: 'boolean' },
  { id: 5, name: 'seen', required: false, type: 'timestamptz' },
  { id: 6, name: 'day', required: false, type: 'date' },
  { id: 7, name: 'since', required: false, type: 'timestamptz' },
  { id: 8, name: 'left_at', required: false, type: 'timestamp' },
]

/** The schemas of the table: `distance` was first named `miles`, and `speed` was added and dropped again. */
const EARLIER: NestedField[] = [
  { id: 1, name: 'delay', required: false, type: 'int' },
  { id: 9, name: 'miles', required: false, type: 'long' },
]
const MIDDLE: NestedField[] = [...EARLIER, { id: 10, name: 'speed', required: false, type: 'int' }]
const LATER: NestedField[] = [
  { id: 1, name: 'delay', required: false, type: 'int' },
  { id: 9, name: 'distance', required: false, type: 'long' },
  { id: 11, name: 'gate', required: false, type: 'string' },
]

const answer = stubApi()
beforeEach(() => answer.mockResolvedValue({ metadata: metadataText(), schemaUses: [] }))

function metadataText(): string {
  const schemas = [EARLIER, MIDDLE, LATER].map((fields, schemaId) => ({ schemaId, identifierFieldIds: [], fields }))
  const sample = sampleMetadata()
  return writeTableMetadata({
    ...sample,
    schemas,
    currentSchemaId: 2,
    lastColumnId: 11,
    partitionSpecs: [{ specId: sample.defaultSpecId, fields: [] }],
    sortOrders: [{ orderId: 0, fields: [] }],
    defaultSortOrderId: 0,
  })
}

/** The column `since` was profiled. */
const valuesOf = (fieldId: number) => (fieldId === 7 ? [BigInt(Date.UTC(2026, 10, 23)) * 1000n, [1, 2]] : [])

const addresses: { search: string; history: string }[] = []

beforeAll(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {}, removeEventListener() {} }))
  chooseTimeZone('Europe/Berlin')
})
afterAll(() => chooseTimeZone(null))
beforeEach(() => {
  addresses.length = 0
})
afterEach(cleanup)

function Bar({ fields }: { fields: readonly NestedField[] }) {
  const { state, change } = useRowFilter(fields, { table: SAMPLE_IDENTIFIER, metadataLocation: 'file:///3.json' })
  const [edited, setEdited] = useState<EditedCondition | null>(null)
  return (
    <>
      <FilterBar
        fields={fields}
        state={state}
        onChange={change}
        edited={edited}
        onEdit={setEdited}
        valuesOf={valuesOf}
      />
      {state.kind === 'problem' && (
        <ProblemNote
          title={state.title}
          error={state.error}
          back={{ label: 'Clear filters', onBack: () => change(null) }}
        />
      )}
      {state.kind === 'ready' && <code data-where>{state.filter.where ?? 'all rows'}</code>}
      <button type="button" onClick={() => setEdited({ kind: 'new', fieldId: 2 })}>
        Filter by origin
      </button>
    </>
  )
}

function renderBar(search = '', fields: readonly NestedField[] = FIELDS) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const onUrlUpdate = ({ searchParams, options }: UrlUpdateEvent) =>
    addresses.push({ search: searchParams.get('where') ?? '', history: options.history })
  render(
    <NuqsTestingAdapter searchParams={search} onUrlUpdate={onUrlUpdate} hasMemory>
      <QueryClientProvider client={client}>
        <Bar fields={fields} />
      </QueryClientProvider>
    </NuqsTestingAdapter>,
  )
  return userEvent.setup()
}

const dialog = () => screen.findByRole('dialog', { name: 'Add a filter' })
const where = (text: string) => `?${new URLSearchParams({ where: text })}`

async function choose(user: ReturnType<typeof userEvent.setup>, label: string, option: string) {
  await user.click(screen.getByRole('combobox', { name: label }))
  await user.click(await screen.findByRole('option', { name: option }))
}

describe('The filter of the rows', () => {
  it('is written with the keyboard alone, and is in the address as a step for Back', async () => {
    const user = renderBar()
    await user.keyboard('/')
    await dialog()
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('combobox', { name: 'Column' })))
    await user.keyboard('{Control>}a{/Control}total')
    await user.keyboard('{ArrowDown}{Enter}')
    await user.tab()
    await user.tab()
    await user.keyboard('9007199254740993{Enter}')
    expect(await screen.findByRole('button', { name: 'total = 9007199254740993' })).toBeTruthy()
    expect(addresses).toEqual([{ search: 'total = 9007199254740993', history: 'push' }])
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Filter' }))
  })

  it('offers operators that fit the type, and says what is wrong with a value', async () => {
    const user = renderBar()
    await user.click(screen.getByRole('button', { name: 'Filter' }))
    await dialog()
    await enterText(screen.getByRole('textbox', { name: 'Value' }), 'fast')
    await user.keyboard('{Enter}')
    expect(await screen.findByText('Column delay: "fast" is not a number.')).toBeTruthy()
    expect(addresses).toEqual([])
    await user.click(screen.getByRole('combobox', { name: 'Operator' }))
    expect(screen.getAllByRole('option').map(({ textContent }) => textContent)).toEqual([
      '=',
      '≠',
      '<',
      '≤',
      '>',
      '≥',
      'between',
      'in',
      'not in',
      'is null',
      'is not null',
    ])
    await user.click(screen.getByRole('option', { name: 'is null' }))
    expect(screen.queryByRole('textbox', { name: 'Value' })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Apply' }))
    expect(await screen.findByRole('button', { name: 'delay is null' })).toBeTruthy()
  })

  it('tests booleans by choice, and splits lists by lines and commas', async () => {
    const user = renderBar()
    await user.click(screen.getByRole('button', { name: 'Filter' }))
    await dialog()
    await choose(user, 'Column', 'late boolean')
    await choose(user, 'Value', 'false')
    await user.click(screen.getByRole('button', { name: 'Apply' }))
    expect(await screen.findByRole('button', { name: 'late = false' })).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'Filter by origin' }))
    await dialog()
    await choose(user, 'Operator', 'in')
    const values = screen.getByRole('textbox', { name: 'Values, separated by commas or lines' })
    await user.type(values, 'SFO, OAK{Enter}"Paris, TX"')
    const preview = screen.getByRole('status')
    expect(preview.textContent).toContain('3 values')
    const tokens = within(preview).getAllByRole('listitem')
    expect(tokens.map(({ textContent }) => textContent)).toEqual(['SFO', 'OAK', 'Paris, TX'])
    await user.click(screen.getByRole('button', { name: 'Apply' }))
    expect(await screen.findByRole('button', { name: "origin in ('SFO', 'OAK', 'Paris, TX')" })).toBeTruthy()
    expect(addresses.at(-1)?.search).toBe('late = false and origin in ("SFO", "OAK", "Paris, TX")')
  })

  it('shows the instant in UTC of a time without an offset next to the field, and writes its offset', async () => {
    const user = renderBar()
    await user.click(screen.getByRole('button', { name: 'Filter' }))
    await dialog()
    await choose(user, 'Column', 'seen timestamptz')
    await choose(user, 'Operator', '<')
    await enterText(screen.getByRole('textbox', { name: 'Value' }), '2026-11-23 00:35:00')
    expect(screen.getByRole('status').textContent).toBe('Read as UTC: 2026-11-23 01:35:00+01:00')
    await enterText(screen.getByRole('textbox', { name: 'Value' }), '+01:00')
    expect(screen.queryByRole('status')).toBeNull()
    await user.clear(screen.getByRole('textbox', { name: 'Value' }))
    await enterText(screen.getByRole('textbox', { name: 'Value' }), '2026-11-23 00:35:00')
    await user.keyboard('{Enter}')
    expect(await screen.findByRole('button', { name: 'seen < 2026-11-23 01:35:00+01:00' })).toBeTruthy()
    expect(addresses.at(-1)?.search).toBe('seen < "2026-11-23 01:35:00+01:00"')
  })

  it('shows midnight of a bare date next to the field of a column without a zone, and in its chip', async () => {
    const user = renderBar()
    await user.click(screen.getByRole('button', { name: 'Filter' }))
    await dialog()
    await choose(user, 'Column', 'left_at timestamp')
    await choose(user, 'Operator', 'between')
    await enterText(screen.getByRole('textbox', { name: 'From' }), '2001-03-10')
    await enterText(screen.getByRole('textbox', { name: 'To' }), '2001-03-12')
    expect(screen.getAllByRole('status').map(({ textContent }) => textContent)).toEqual([
      'Read as: 2001-03-10 00:00:00',
      'Read as: 2001-03-12 00:00:00',
    ])
    await user.keyboard('{Enter}')
    const chip = 'left_at between 2001-03-10 00:00:00 and 2001-03-12 00:00:00'
    expect(await screen.findByRole('button', { name: chip })).toBeTruthy()
  })

  it('of an address shows midnight of a bare date, also in a condition as text', async () => {
    const user = renderBar(where('left_at = "2001-03-12" and (delay > 1 or left_at < "2001-03-10")'))
    expect(await screen.findByRole('button', { name: 'left_at = 2001-03-12 00:00:00' })).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'delay > 1 or left_at < "2001-03-10 00:00:00"' }))
    await screen.findByRole('textbox', { name: 'Condition' })
    expect(screen.getByRole('status').textContent).toBe('Read as: delay > 1 or left_at < "2001-03-10 00:00:00"')
  })

  it('offers the values of a profile of the column, as the grid shows them', async () => {
    const user = renderBar()
    await user.click(screen.getByRole('button', { name: 'Filter' }))
    await dialog()
    await choose(user, 'Column', 'since timestamptz')
    const field = screen.getByRole('combobox', { name: 'Value' })
    const list = document.getElementById(field.getAttribute('list') ?? '')
    expect([...(list?.children ?? [])].map((option) => option.getAttribute('value'))).toEqual([
      '2026-11-23 01:00:00+01:00',
    ])
  })

  it('of an address may have a time without an offset, and a condition as text shows its instant', async () => {
    const user = renderBar(where('seen < "2026-11-23 00:35:00" and (delay > 1 or seen = "2026-11-23")'))
    expect(await screen.findByRole('button', { name: 'seen < 2026-11-23 01:35:00+01:00' })).toBeTruthy()
    await user.click(screen.getByRole('button', { name: 'delay > 1 or seen = "2026-11-23 01:00:00+01:00"' }))
    await screen.findByRole('textbox', { name: 'Condition' })
    expect(screen.getByRole('status').textContent).toBe('Read as UTC: delay > 1 or seen = "2026-11-23 01:00:00+01:00"')
  })

  it('takes two values, and dates from the picker of the browser', async () => {
    const user = renderBar()
    await user.click(screen.getByRole('button', { name: 'Filter' }))
    await dialog()
    await choose(user, 'Column', 'day date')
    await choose(user, 'Operator', 'between')
    await enterText(screen.getByRole('textbox', { name: 'From' }), '2026-11-01')
    expect(screen.getAllByRole('button', { name: 'Choose a date' })).toHaveLength(2)
    const [, picker] = document.querySelectorAll('input[type="date"]')
    if (!picker) throw new Error('the second value has no picker')
    fireEvent.change(picker, { target: { value: '2026-11-30' } })
    expect(screen.getByRole('textbox', { name: 'To' })).toHaveProperty('value', '2026-11-30')
    await user.click(screen.getByRole('button', { name: 'Apply' }))
    expect(await screen.findByRole('button', { name: 'day between 2026-11-01 and 2026-11-30' })).toBeTruthy()
    expect(addresses.at(-1)?.search).toBe('day between "2026-11-01" and "2026-11-30"')
  })

  it('is shown as chips, which can be changed and removed, also with the keyboard', async () => {
    const user = renderBar(where('origin = "SFO" and delay >= 45 and total < 7'))
    const chips = await screen.findByRole('list', { name: 'Conditions' })
    expect(
      within(chips)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual(["origin = 'SFO'", 'delay ≥ 45', 'total < 7'])
    await user.click(screen.getByRole('button', { name: 'delay ≥ 45' }))
    await screen.findByRole('dialog', { name: 'Change the filter' })
    const value = screen.getByRole('textbox', { name: 'Value' })
    expect(value).toHaveProperty('value', '45')
    await user.clear(value)
    await enterText(value, '60')
    await user.keyboard('{Enter}')
    expect(addresses.at(-1)?.search).toBe('origin = "SFO" and delay >= 60 and total < 7')
    await user.click(screen.getByRole('button', { name: "Remove origin = 'SFO'" }))
    expect(addresses.at(-1)?.search).toBe('delay >= 60 and total < 7')
    screen.getByRole('button', { name: 'total < 7' }).focus()
    await user.keyboard('{Delete}')
    expect(addresses.at(-1)?.search).toBe('delay >= 60')
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Filter' }))
  })

  it('is cleared at once', async () => {
    const user = renderBar(where('origin = "SFO" and delay >= 45'))
    await user.click(await screen.findByRole('button', { name: 'Clear' }))
    expect(addresses.at(-1)?.search).toBe('')
    expect(screen.queryByRole('list', { name: 'Conditions' })).toBeNull()
  })

  it('keeps what a chip cannot express as text', async () => {
    const user = renderBar(where('origin = "SFO" or delay > 45'))
    await user.click(await screen.findByRole('button', { name: 'origin = "SFO" or delay > 45' }))
    const text = await screen.findByRole('textbox', { name: 'Condition' })
    await user.clear(text)
    await enterText(text, 'origin = "SFO" or speed > 45')
    await user.click(screen.getByRole('button', { name: 'Apply' }))
    expect(await screen.findByText('The table has no column speed.')).toBeTruthy()
    await user.keyboard('{Escape}')
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })

  it('gets another condition only once those of the address are read, and keeps them', async () => {
    const read = Promise.withResolvers<object>()
    answer.mockReturnValue(read.promise)
    const user = renderBar(where('miles > 100'), LATER)
    await waitFor(() => expect(answer).toHaveBeenCalled())
    await user.keyboard('/')
    expect(screen.queryByRole('dialog')).toBeNull()
    read.resolve({ metadata: metadataText(), schemaUses: [] })
    await dialog()
    await enterText(screen.getByRole('textbox', { name: 'Value' }), '5')
    await user.keyboard('{Enter}')
    await waitFor(() => expect(addresses).toHaveLength(1))
    expect(addresses[0]?.search).toBe('distance > 100 and delay = 5')
  })

  it('holds for the same field when the shown schema has it under another name', async () => {
    const user = renderBar(where('distance > 900 and (distance < 2000 or delay = 1)'), EARLIER)
    expect(await screen.findByRole('button', { name: 'miles > 900' })).toBeTruthy()
    expect(screen.getByRole('button', { name: 'miles < 2000 or delay = 1' })).toBeTruthy()
    expect(screen.queryByText(/not applied/)).toBeNull()
    expect(addresses).toEqual([])
    await user.click(screen.getByRole('button', { name: 'Remove miles > 900' }))
    expect(addresses.at(-1)?.search).toBe('miles < 2000 or delay = 1')
    cleanup()
    renderBar(where('miles > 900'), LATER)
    expect(await screen.findByRole('button', { name: 'distance > 900' })).toBeTruthy()
  })

  it('says which condition is not applied because the shown schema does not have its column', async () => {
    const user = renderBar(where('delay > 45 and gate = "B2"'), EARLIER)
    expect(
      await screen.findByText('The shown schema has no column gate, so this condition is not applied.'),
    ).toBeTruthy()
    expect(screen.getByRole('button', { name: /^gate = / })).toBeTruthy()
    expect(document.querySelector('[data-where]')?.textContent).toContain('45')
    expect(document.querySelector('[data-where]')?.textContent).not.toContain('B2')
    await user.click(screen.getByRole('button', { name: 'Remove delay > 45' }))
    expect(addresses.at(-1)?.search).toBe('gate = "B2"')
    expect(await screen.findByText('all rows')).toBeTruthy()
  })

  it('is a problem when the schemas with its column cannot be read', async () => {
    answer.mockRejectedValue(new AppError('forbidden', 'You may not read the table.'))
    renderBar(where('miles > 900'), LATER)
    expect(await screen.findByText('Could not look up the columns of the filter')).toBeTruthy()
  })

  it('of a link that cannot be applied is a problem with a way out', async () => {
    const user = renderBar(where('altitude = 3'))
    expect((await screen.findByRole('alert')).textContent).toContain('The table has no column altitude.')
    expect(screen.queryByRole('list', { name: 'Conditions' })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Clear filters' }))
    expect(screen.queryByRole('alert')).toBeNull()
  })
})
