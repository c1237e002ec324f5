// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, it, vi } from 'vitest'
import { render } from '@/testing/components/render'
import { stubFonts } from '@/testing/components/stub-fonts'
import { EMPTY_DRAFT } from './draft'
import { StorageFields } from './storage-fields'

stubFonts()
afterEach(cleanup)

it.each([
  ['rest', 'vended-credentials', true],
  ['rest', 'remote-signing', true],
  ['rest', 'none', false],
  ['files', 'vended-credentials', false],
] as const)('shows the hint about stores inside this network with %s and %s: %j', (kind, delegation, isHintShown) => {
  render(
    <StorageFields
      draft={{ ...EMPTY_DRAFT, kind, delegation }}
      change={() => {}}
      storedSecrets={new Set()}
      examples={{}}
      localRoots={null}
    />,
  )
  expect(screen.queryByText(/inside this network/) !== null).toBe(isHintShown)
})

const FILES_DRAFT = { ...EMPTY_DRAFT, kind: 'files', storageKind: 's3' } as const

it('offers no folders of the server when it allows none, and says why', async () => {
  const change = vi.fn()
  render(<StorageFields draft={FILES_DRAFT} change={change} storedSecrets={new Set()} examples={{}} localRoots={[]} />)
  expect(screen.getByText(/LAKESHORE_LOCAL_ROOTS allows none/)).toBeTruthy()
  await userEvent.click(screen.getByRole('combobox', { name: 'Kind' }))
  await userEvent.click(await screen.findByRole('option', { name: 'Folders on the server' }))
  expect(change).not.toHaveBeenCalled()
})

it('names the folders of the server that connections may read', async () => {
  const draft = { ...FILES_DRAFT, storageKind: 'local' } as const
  const roots = ['/srv/tables', '/mnt/archive']
  render(<StorageFields draft={draft} change={() => {}} storedSecrets={new Set()} examples={{}} localRoots={roots} />)
  expect(screen.getByText(/LAKESHORE_LOCAL_ROOTS allows, one per line: \/srv\/tables, \/mnt\/archive/)).toBeTruthy()
  await userEvent.click(screen.getByRole('combobox', { name: 'Kind' }))
  const option = await screen.findByRole('option', { name: 'Folders on the server' })
  expect(option.hasAttribute('data-combobox-disabled')).toBe(false)
})
