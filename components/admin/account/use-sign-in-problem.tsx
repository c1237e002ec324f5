'use client'
import { type ComponentType, type ReactNode, useState } from 'react'
import type { SignInProblemProps } from './sign-in-problem'

/**
 * The note about a failure on the sign-in page. It is Mantine's, and is loaded by `prepare`, while the user types;
 * without it the message is shown alone.
 */
export function useSignInProblem(
  error: Error | null,
  props: Omit<SignInProblemProps, 'error'>,
): { prepare: () => void; note: ReactNode } {
  const [Problem, setProblem] = useState<ComponentType<SignInProblemProps> | null>(null)
  return {
    prepare: () =>
      void import('./sign-in-problem').then((module) => setProblem(() => module.SignInProblem)).catch(() => undefined),
    note:
      error &&
      (Problem ? (
        <Problem error={error} {...props} />
      ) : (
        <p role="alert" className="bare removed">
          {error.message}
        </p>
      )),
  }
}
