import { useSyncExternalStore } from 'react'
import { isCodeAwaited, subscribeToAwaitedCode } from '@/lib/load-code'

/** Whether a control that the user has opened waits for the connection. */
export function useIsCodeAwaited(): boolean {
  return useSyncExternalStore(subscribeToAwaitedCode, isCodeAwaited, () => false)
}
