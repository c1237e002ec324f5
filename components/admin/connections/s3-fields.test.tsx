// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { EMPTY_DRAFT } from './draft'
import { S3Fields } from './s3-fields'

afterEach(cleanup)

it('says that a new key removes the stored session token', () => {
  const storedSecrets = new Set(['storageSecretAccessKey', 'storageSessionToken'])
  render(
    <S3Fields
      draft={{ ...EMPTY_DRAFT, storageKind: 's3' }}
      change={() => {}}
      storedSecrets={storedSecrets}
      examples={{}}
      localRoots={null}
    />,
  )
  expect(screen.getByLabelText(/^Session token of the storage/)).toHaveProperty('placeholder', 'stored')
  expect(screen.getByText('Stored. Entering a new key without one removes it.')).toBeTruthy()
})
