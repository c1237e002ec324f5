import type { AppError } from '@/lib/errors'
import { toFailure } from '../failure'
import { INITIAL_STATE, type ReadState } from './read-state'

/** The state of a store of rows, and the components that draw it. */
export class ObservedState {
  readonly #listeners = new Set<() => void>()
  #current: ReadState

  constructor(initial: Partial<ReadState>) {
    this.#current = { ...INITIAL_STATE, ...initial }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly getSnapshot = (): ReadState => this.#current

  get current(): ReadState {
    return this.#current
  }

  update(update: Partial<ReadState>): void {
    this.#current = { ...this.#current, ...update, version: this.#current.version + 1 }
    for (const listener of this.#listeners) listener()
  }

  /** Updates it after values or failures of rows changed. */
  updateValues(update: Partial<ReadState> = {}): void {
    this.update({ ...update, valuesVersion: this.#current.valuesVersion + 1 })
  }

  /** The failure to report; null if the plan's token has expired, which the state then says. */
  takeFailure(error: unknown): AppError | null {
    const failure = toFailure(error)
    if (failure.code !== 'token-expired') return failure
    this.update({ isExpired: true })
    return null
  }
}
