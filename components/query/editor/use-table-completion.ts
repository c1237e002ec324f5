import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { CompletionSettings } from './table-completion'

/**
 * Completes connections, namespaces, tables, views and columns at the cursor. They are read from the catalogs on demand,
 * and so is the code.
 */
export function useTableCompletion({ connections, connection, asOf }: CompletionSettings) {
  const queryClient = useQueryClient()
  return useCallback(
    async (context: CompletionContext): Promise<CompletionResult | null> => {
      // If its code fails to load, this word has no completions and the next word retries.
      const loaded = await import('./table-completion').catch(() => null)
      return loaded && loaded.completeAtCursor(context, queryClient, { connections, connection, asOf })
    },
    [queryClient, connections, connection, asOf],
  )
}
