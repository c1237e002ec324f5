import type { Locator, Page } from '@playwright/test'
import type { Persona } from './personas'

/** A page in a certain state, for accessibility tests and pictures. */
export type PageCase = {
  /** Also the name of its pictures. */
  name: string
  address: string
  /** Brings the page into the state. */
  open?: (page: Page) => Promise<void>
  /** Visible once the page is complete. */
  ready: (page: Page) => Locator
  persona?: Persona
  /** An expected error in the browser's console. */
  expectedError?: RegExp
}
