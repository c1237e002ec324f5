'use client'
import { MantineRoot } from '@/components/shell/theme/mantine-root'
import { ProblemNote } from '@/components/ui/notes/problem-note'

export type SignInProblemProps = { error: Error; nonce: string; title?: string; next?: string; unchanged?: string }

/** Why a form of the sign-in page failed, and what to do. */
export function SignInProblem({ nonce, ...props }: SignInProblemProps) {
  return (
    <MantineRoot nonce={nonce}>
      <ProblemNote {...props} />
    </MantineRoot>
  )
}
