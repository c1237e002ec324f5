'use client'
import { type DefaultError, useMutation, type UseMutationOptions, type UseMutationResult } from '@tanstack/react-query'
import { useRef } from 'react'

/** Distributes over the states of a mutation, so that `isSuccess` still decides whether there is `data`. */
type WithoutPromise<Result> = Result extends unknown ? Omit<Result, 'mutateAsync'> : never

/**
 * TanStack's `useMutation`, but `mutate` ignores a call while an earlier one with the same variables has not ended. Both
 * clicks of a double click arrive before the button is rendered as disabled, and the request must be sent once.
 */
export function useSingleMutation<Data, Variables = void, Context = unknown>(
  options: UseMutationOptions<Data, DefaultError, Variables, Context>,
): WithoutPromise<UseMutationResult<Data, DefaultError, Variables, Context>> {
  const { mutateAsync, ...mutation } = useMutation(options)
  const inFlight = useRef(new Set<string>())
  return {
    ...mutation,
    mutate: (...args) => {
      const key = JSON.stringify(args[0]) ?? ''
      if (inFlight.current.has(key)) return
      inFlight.current.add(key)
      const release = () => inFlight.current.delete(key)
      // A failure is in `error`, as after TanStack's `mutate`.
      mutateAsync(...args).then(release, release)
    },
  }
}
