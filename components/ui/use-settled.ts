import { useDebouncedValue } from '@mantine/hooks'
import { createContext, useContext } from 'react'

/** Pauses while a text is typed that something is requested for, so that not each letter is. */
export const TYPING_PAUSE_MS = 300

/** The share of each pause that is waited. Tests of what follows a pause wait less. */
export const PauseShare = createContext(1)

export function usePause(pauseMs: number): number {
  return pauseMs * useContext(PauseShare)
}

/** A value as it was when it last stayed the same for a while; at first, the value itself. */
export function useSettled<Value>(value: Value, pauseMs = TYPING_PAUSE_MS): Value {
  const [settled] = useDebouncedValue(value, usePause(pauseMs))
  return settled
}
