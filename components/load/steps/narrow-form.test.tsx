// @vitest-environment happy-dom
import { act, cleanup, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { runSignOutTasks } from '@/lib/client/session/sign-out-tasks'
import { listCatalogs } from '@/lib/contract/catalogs'
import { listSchedules } from '@/lib/contract/jobs'
import { listLoadLocations } from '@/lib/contract/loads/load-locations'
import { getChangePolicy } from '@/lib/contract/proposals'
import { listUploads } from '@/lib/contract/uploads'
import { AppError } from '@/lib/errors'
import { renderInTable, SAMPLE_DETAIL, SAMPLE_IDENTIFIER } from '@/testing/components/render-in-table'
import { stubApi } from '@/testing/components/stub-api'
import { stubFonts } from '@/testing/components/stub-fonts'
import { LoadForm } from '../load-form'

stubFonts()
const call = stubApi({
  others: async () => new Response(null, { status: 204, headers: { 'tus-max-size': '1000' } }),
})
beforeEach(() => {
  vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: true }))
  call.mockImplementation(async (endpoint: unknown) => {
    switch (endpoint) {
      case listCatalogs:
        return { catalogs: [] }
      case listUploads:
        return { uploads: [] }
      case listLoadLocations:
        return { locations: [], hosts: [] }
      case listSchedules:
        return { schedules: [] }
      case getChangePolicy:
        return { requiresProposal: false, requiredBy: null, enginesBlockedBy: null }
      default:
        throw new AppError('server-unreachable', 'Not in this test.')
    }
  })
})
afterEach(() => {
  cleanup()
  act(runSignOutTasks)
  vi.unstubAllGlobals()
})

const FILE = new File(['id\n1\n'], 'may.csv')
const openForm = () => renderInTable(<LoadForm table={SAMPLE_IDENTIFIER} detail={SAMPLE_DETAIL} continued={null} />)
/** The form is complete when the code of its later steps is here. */
async function chooseFile() {
  await userEvent.upload(screen.getByLabelText('Files of your disk'), FILE)
  await screen.findByText('Landing')
}
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }))
/** Headings of the steps that are shown; `focused` is the one with the focus. */
const shown = () => ({
  headings: screen.getAllByRole('heading', { level: 2 }).map(({ textContent }) => textContent),
  focused: document.activeElement?.textContent,
})

it('A narrow window shows one step at a time, from its heading on, and keeps what was entered in the others', async () => {
  openForm()
  expect(screen.getByText('Add the files to load.')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Next' })).toHaveProperty('disabled', true)
  await chooseFile()
  await press('Paste rows')
  await screen.findByLabelText('Rows')
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Rows')))
  await userEvent.keyboard('id')
  for (const title of ['Format', 'Columns', 'Landing']) {
    await press('Next')
    expect(shown()).toEqual({ headings: [title], focused: title })
  }
  for (const title of ['Columns', 'Format', 'Files']) {
    await press('Back')
    expect(shown()).toEqual({ headings: [title], focused: title })
  }
  expect(screen.getByLabelText('Rows')).toHaveProperty('value', 'id')
  expect(screen.queryByRole('button', { name: 'Back' })).toBeNull()
})

it('After the last step the review opens as a sheet, and closing it leads back to the step', async () => {
  openForm()
  await chooseFile()
  for (let i = 0; i < 3; i++) await press('Next')
  expect(screen.queryByRole('button', { name: 'Load' })).toBeNull()
  await press('Review')
  const sheet = await screen.findByRole('dialog', { name: 'Review' })
  expect(sheet.contains(screen.getByRole('button', { name: 'Load' }))).toBe(true)
  expect(sheet.contains(document.activeElement)).toBe(true)
  await userEvent.keyboard('{Escape}')
  expect(screen.queryByRole('dialog')).toBeNull()
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Review'))
  expect(shown().headings).toEqual(['Landing'])
})
