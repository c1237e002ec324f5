'use client'
import { MantineRoot } from '@/components/shell/theme/mantine-root'
import { ProblemNote } from '@/components/ui/notes/problem-note'

/** Why the sign-in failed, and what to do. */
export function SignInProblem({ error, nonce, next }: { error: Error; nonce: string; next?: string }) {
  return (
    <MantineRoot nonce={nonce}>
      <ProblemNote error={error} {...(next !== undefined && { next })} />
    </MantineRoot>
  )
}
