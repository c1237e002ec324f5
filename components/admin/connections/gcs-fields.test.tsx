// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { EMPTY_DRAFT } from './draft'
import { GcsFields } from './gcs-fields'

afterEach(cleanup)

const renderFields = (source: 'service-account' | 'machine') => {
  const draft = { ...EMPTY_DRAFT, storageKind: 'gcs' as const, gcs: { ...EMPTY_DRAFT.gcs, source } }
  render(<GcsFields draft={draft} change={() => {}} storedSecrets={new Set()} examples={{}} localRoots={null} />)
}

it('asks for the key of a service account without showing it', () => {
  renderFields('service-account')
  expect(screen.getByLabelText('Service account key')).toHaveProperty('type', 'password')
})

it('asks for no key when the machine has its own credentials', () => {
  renderFields('machine')
  expect(screen.queryByLabelText('Service account key')).toBeNull()
})
