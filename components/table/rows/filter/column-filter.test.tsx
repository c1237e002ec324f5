// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { DataGrid } from '@/components/ui/grid/data-grid'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { render } from '@/testing/components/render'
import { ColumnFilter, type FieldDraft } from './column-filter'
import { readRowFilter } from './row-filter'

const FIELDS: NestedField[] = [
  { id: 1, name: 'delay', required: false, type: 'int' },
  { id: 2, name: 'origin', required: false, type: 'string' },
  { id: 3, name: 'left_at', required: false, type: 'timestamp' },
]

const drafts = new Map<number, FieldDraft>()
const onApply = vi.fn()
const onSortChange = vi.fn()
afterEach(() => {
  cleanup()
  drafts.clear()
  vi.resetAllMocks()
})

function renderFilters(where?: string, appliedFieldId: number | null = null) {
  const conditions = where === undefined ? [] : readRowFilter(where, FIELDS).conditions
  render(
    <DataGrid
      label="Rows"
      rowCount={3}
      columns={FIELDS.map(({ id, name }) => ({ key: String(id), name, typeLabel: 'int', align: 'left', width: 200 }))}
      cell={() => undefined}
      onSortChange={onSortChange}
      columnFilter={(columnKey) => (
        <ColumnFilter
          fieldId={Number(columnKey)}
          fields={FIELDS}
          filters={{ conditions, appliedFieldId, onApply, drafts }}
        />
      )}
    />,
  )
}

const field = (name: string) => screen.getByRole('textbox', { name: `Filter of ${name}` })

describe('The filter below a header', () => {
  it('adds a condition with Enter, and its keys and clicks are not those of the grid', async () => {
    renderFilters("origin = 'SFO'")
    await userEvent.click(field('delay'))
    await userEvent.keyboard('>= 45{ArrowLeft} {Backspace}{Enter}')
    expect(onApply).toHaveBeenCalledExactlyOnceWith('origin = "SFO" and delay >= 45', 1)
    expect(onSortChange).not.toHaveBeenCalled()
    expect(document.activeElement).toBe(field('delay'))
  })

  it('shows the condition of its column, which is replaced or, when it is empty, removed', async () => {
    renderFilters("delay >= 45 and origin in ('SFO', 'LAX')")
    expect([field('delay'), field('origin')].map((input) => input.getAttribute('value'))).toEqual([
      '≥ 45',
      'in (SFO, LAX)',
    ])
    await userEvent.clear(field('delay'))
    await userEvent.type(field('delay'), '< 5{Enter}')
    expect(onApply).toHaveBeenLastCalledWith('delay < 5 and origin in ("SFO", "LAX")', 1)
    await userEvent.clear(field('origin'))
    await userEvent.keyboard('{Enter}')
    expect(onApply).toHaveBeenLastCalledWith('delay >= 45', 2)
  })

  it('shows and replaces both bounds of a range', async () => {
    renderFilters()
    await userEvent.type(field('delay'), '>=1 <5{Enter}')
    expect(onApply).toHaveBeenLastCalledWith('delay >= 1 and delay < 5', 1)
    cleanup()
    renderFilters('delay >= 1 and origin = "SFO" and delay < 5')
    expect(field('delay').getAttribute('value')).toBe('≥ 1 < 5')
    await userEvent.clear(field('delay'))
    await userEvent.type(field('delay'), '1..3{Enter}')
    expect(onApply).toHaveBeenLastCalledWith('delay between 1 and 3 and origin = "SFO"', 1)
  })

  it('has examples of its type, which a problem repeats', async () => {
    renderFilters()
    expect(field('origin').title).toBe('Examples: SFO; SF*; in (SFO, LAX); contains F; null; not null')
    await userEvent.type(field('delay'), 'soon{Enter}')
    expect(screen.getAllByRole('alert').map(({ textContent }) => textContent)).toContainEqual(
      expect.stringMatching(/soon.* Examples: 5; 1, 2; 1\.\.10; >= 1 < 5; != 3; null; not null$/),
    )
  })

  it('writes and shows midnight of a bare date', async () => {
    renderFilters()
    await userEvent.type(field('left_at'), '>= 2001-03-12{Enter}')
    expect(onApply).toHaveBeenLastCalledWith('left_at >= "2001-03-12 00:00:00"', 3)
    cleanup()
    renderFilters('left_at >= "2001-03-12"')
    expect(field('left_at').getAttribute('value')).toBe('≥ 2001-03-12 00:00:00')
  })

  it('reports a text that is not a condition, and Escape takes it back', async () => {
    renderFilters('delay >= 45')
    await userEvent.type(field('delay'), ' minutes{Enter}')
    expect(onApply).not.toHaveBeenCalled()
    expect(field('delay').getAttribute('aria-invalid')).toBe('true')
    expect(screen.getAllByRole('alert').map(({ textContent }) => textContent)).toContainEqual(
      expect.stringContaining('45 minutes'),
    )
    await userEvent.keyboard('{Escape}')
    expect(field('delay').getAttribute('value')).toBe('≥ 45')
    expect(field('delay').getAttribute('aria-invalid')).toBe('false')
  })

  it('keeps a refused text with its message when another filter draws another grid, until it is taken back', async () => {
    renderFilters()
    await userEvent.type(field('delay'), 'abc{Enter}')
    await userEvent.type(field('origin'), 'SFO{Enter}')
    cleanup()
    renderFilters('origin = "SFO"')
    expect(field('delay').getAttribute('value')).toBe('abc')
    expect(field('delay').getAttribute('aria-invalid')).toBe('true')
    expect(screen.getAllByRole('alert').map(({ textContent }) => textContent)).toContainEqual(
      expect.stringContaining('abc'),
    )
    expect(field('origin').getAttribute('value')).toBe('SFO')
    await userEvent.click(field('delay'))
    await userEvent.keyboard('{Escape}')
    cleanup()
    renderFilters('origin = "SFO"')
    expect(field('delay').getAttribute('value')).toBe('')
    expect(field('delay').getAttribute('aria-invalid')).toBe('false')
  })

  it('shows the tip of one problem at a time, that of the field with the focus', async () => {
    renderFilters()
    await userEvent.type(field('delay'), 'abc{Enter}')
    await userEvent.type(field('left_at'), '2001-13-45{Enter}')
    expect(screen.getAllByRole('tooltip').map(({ textContent }) => textContent)).toEqual([
      expect.stringContaining('2001-13-45'),
    ])
    expect(field('delay').getAttribute('aria-invalid')).toBe('true')
    expect(field('delay').title).toContain('abc')
    await userEvent.click(field('delay'))
    expect(screen.getAllByRole('tooltip').map(({ textContent }) => textContent)).toEqual([
      expect.stringContaining('abc'),
    ])
  })

  it('keeps the focus when it was applied, although another grid is drawn', () => {
    renderFilters('delay >= 45', 1)
    expect(document.activeElement).toBe(field('delay'))
  })
})
