import type { Locator, Page } from '@playwright/test'
import type { Persona } from './personas'

/** A page in a certain state, for accessibility tests and pictures. */
export type PageCase = {
  /** Also the name of its pictures. */
  name: string
  address: string
  /** Before the page is opened, such as to mock a response. */
  prepare?: (page: Page) => Promise<unknown>
  /** Brings the page into the state. */
  open?: (page: Page) => Promise<void>
  /** Visible once the page is complete. */
  ready: (page: Page) => Locator
  persona?: Persona
  /** How many rows of a grid are in view at least. */
  visibleRows?: { grid: string; wide?: number; narrow?: number }
  /** An expected error in the browser's console. */
  expectedError?: RegExp
}
