// @vitest-environment happy-dom
import { cleanup, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { render } from '@/testing/components/render'
import { EMPTY_DRAFT } from './draft'
import { StorageFields } from './storage-fields'

afterEach(cleanup)

it.each([
  ['rest', 'vended-credentials', true],
  ['rest', 'remote-signing', true],
  ['rest', 'none', false],
  ['files', 'vended-credentials', false],
] as const)(
  'with %s and %s, the hint about stores inside this network is shown: %j',
  (kind, delegation, isHintShown) => {
    render(<StorageFields draft={{ ...EMPTY_DRAFT, kind, delegation }} change={() => {}} storedSecrets={new Set()} />)
    expect(screen.queryByText(/inside this network/) !== null).toBe(isHintShown)
  },
)
