import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { SignIn } from '@/components/admin/account/sign-in'
import { parseSignInProblem } from '@/lib/sign-in-problems'
import packageJson from '@/package.json'
import { findGeneratedPasswordUser, readSignInMethods } from '@/server/program/sign-in-methods'

export const metadata: Metadata = { title: 'Sign in' }

type SearchParams = Partial<Record<'next' | 'problem' | 'request' | 'ended' | 'change', string | string[]>>

export default async function LoginPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { next, problem, request, ended, change } = await searchParams
  const { provider, hasPassword } = readSignInMethods()
  const problemCode = parseSignInProblem(problem)
  const requestHeaders = await headers()
  return (
    <SignIn
      host={requestHeaders.get('host') ?? ''}
      version={packageJson.version}
      next={typeof next === 'string' ? next : null}
      provider={provider}
      hasPassword={hasPassword}
      newPasswordFor={change === undefined ? null : await findGeneratedPasswordUser()}
      hasEnded={ended !== undefined}
      problem={
        problemCode && {
          code: problemCode,
          requestId: typeof request === 'string' && /^[\w.-]{1,64}$/.test(request) ? request : null,
        }
      }
      nonce={requestHeaders.get('x-nonce') ?? ''}
    />
  )
}
