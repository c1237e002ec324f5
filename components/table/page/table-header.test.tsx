// @vitest-environment happy-dom
import { cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useEffect, useState } from 'react'
import { afterEach, expect, it } from 'vitest'
import { useShownTable } from '@/components/table/frame/shown-table'
import { listShortcuts } from '@/lib/contract/shortcuts'
import { getTable } from '@/lib/contract/table/tables'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { TableHeader } from './table-header'
import { TablePage } from './table-page'

const call = stubApi()
afterEach(cleanup)

it.each([
  [1, 'row ≤ 1|live bytes 1 B|last snapshot –unknown: no snapshots yet|data file 1|delete file 1'],
  [2, 'rows ≤ 2|live bytes 2 B|last snapshot –unknown: no snapshots yet|data files 2|delete files 2'],
])('counts %i in words that agree with the number', (count, text) => {
  const figures = { rowCount: count, liveBytes: count, dataFileCount: count, deleteFileCount: count }
  const shown = { isCurrent: true, snapshotId: null, committedAtMs: null, ref: null }
  const detail = { ...SAMPLE_DETAIL, figures, shown, timeline: [] }
  renderInTable(<TableHeader table={SAMPLE_IDENTIFIER} detail={detail} figures="shown" />, { detail })
  const figureTexts = screen.getAllByRole('term').map((term) => `${term.textContent} ${term.nextSibling?.textContent}`)
  expect(figureTexts.join('|')).toBe(text)
})

it('labels the heading with the whole name, also when there is no room for all of it', () => {
  const table = { ...SAMPLE_IDENTIFIER, namespace: ['a_long_namespace'], table: 'customer_lifetime_value_daily' }
  renderInTable(<TableHeader table={table} detail={null} figures="reading" />)
  const heading = screen.getByRole('heading', { name: 'a_long_namespace.customer_lifetime_value_daily' })
  expect(heading.textContent).toBe('a_long_namespace.customer_lifetime_value_daily')
})

it('shows the star on the line of the name, before the badges and figures', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === listShortcuts) return { favourites: [], visits: [] }
    throw new AppError('server-unreachable', 'The server did not respond.')
  })
  renderInTable(<TableHeader table={SAMPLE_IDENTIFIER} detail={SAMPLE_DETAIL} figures="shown" />, {
    detail: SAMPLE_DETAIL,
  })
  const star = await screen.findByRole('button', { name: 'Favourite' })
  const heading = screen.getByRole('heading')
  const figures = screen.getAllByRole('term')[0]
  const line = heading.parentElement
  expect(star.parentElement?.parentElement).toBe(line)
  expect(figures?.closest('dl')?.parentElement?.contains(star)).toBe(false)
})

it('repeats no figure that the tab itself shows', () => {
  call.mockImplementation(async () => {
    throw new AppError('server-unreachable', 'The server did not respond.')
  })
  const shown = renderInTable(<TableHeader table={SAMPLE_IDENTIFIER} detail={SAMPLE_DETAIL} figures="shown" />)
  expect(shown.container.textContent).toContain('live bytes')
  expect(shown.container.textContent).toContain('format v2')
  cleanup()
  const inPage = renderInTable(<TableHeader table={SAMPLE_IDENTIFIER} detail={SAMPLE_DETAIL} figures="in-page" />)
  expect(inPage.container.textContent).not.toContain('live bytes')
  expect(inPage.container.textContent).not.toContain('format v2')
})

const ROWS_SQL = 'select origin from local.demo.flights where delay > 5'

function Rows() {
  const { setRowsSql } = useShownTable()
  useEffect(() => {
    setRowsSql(ROWS_SQL)
    return () => setRowsSql(null)
  }, [setRowsSql])
  return null
}

function PageWithRows() {
  const [hasRows, setHasRows] = useState(true)
  return (
    <TablePage table={SAMPLE_IDENTIFIER}>
      <button type="button" onClick={() => setHasRows(false)}>
        leave
      </button>
      {hasRows && <Rows />}
    </TablePage>
  )
}

it('leads to Query with the SQL of the rows, and elsewhere with that of the table', async () => {
  call.mockImplementation(async (endpoint: unknown) => {
    if (endpoint === getTable) return SAMPLE_DETAIL
    throw new AppError('server-unreachable', 'The server did not respond.')
  })
  renderInTable(<PageWithRows />, { pathname: '/catalogs/local/namespaces/demo/tables/flights/data' })
  const leave = await screen.findByRole('button', { name: 'leave' })
  const sqlOfLink = () =>
    new URL(screen.getByRole<HTMLAnchorElement>('link', { name: 'Query' }).href).searchParams.get('sql')
  await waitFor(() => expect(sqlOfLink()).toBe(ROWS_SQL))
  await userEvent.click(leave)
  expect(sqlOfLink()).toMatch(/^select [*]\s+from local[.]demo[.]flights/)
})
