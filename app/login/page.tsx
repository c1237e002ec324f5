import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { SignIn } from '@/components/account/sign-in'
import packageJson from '@/package.json'

export const metadata: Metadata = { title: 'Sign in' }

type SearchParams = { next?: string | string[] }

export default async function LoginPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { next } = await searchParams
  const requestHeaders = await headers()
  return (
    <SignIn
      host={requestHeaders.get('host') ?? ''}
      version={packageJson.version}
      next={typeof next === 'string' ? next : null}
      nonce={requestHeaders.get('x-nonce') ?? ''}
    />
  )
}
