import '@mantine/core/styles.layer.css'
import '@mantine/spotlight/styles.layer.css'
import './globals.css'
import { ColorSchemeScript, mantineHtmlProps } from '@mantine/core'
import type { Metadata, Viewport } from 'next'
import { cookies, headers } from 'next/headers'
import type { ReactNode } from 'react'
import { Providers } from '@/components/layout/providers'
import { TIME_ZONE_COOKIE } from '@/lib/cookies'
import { parseTimeZoneCookie } from '@/lib/time-zone'

export const metadata: Metadata = {
  title: { default: 'Lakeshore', template: '%s · Lakeshore' },
  description: 'An admin console and explorer for Apache Iceberg lakehouses',
  icons: {
    icon: [
      { url: '/favicon.ico', sizes: '16x16 32x32 48x48' },
      { url: '/icon.svg', type: 'image/svg+xml', sizes: 'any' },
    ],
    apple: '/apple-touch-icon.png',
  },
  manifest: '/manifest.webmanifest',
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#FFFFFF' },
    { media: '(prefers-color-scheme: dark)', color: '#121A1E' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get('x-nonce') ?? ''
  const timeZone = parseTimeZoneCookie((await cookies()).get(TIME_ZONE_COOKIE)?.value)
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" nonce={nonce} suppressHydrationWarning />
      </head>
      <body>
        <Providers nonce={nonce} timeZone={timeZone}>
          {children}
        </Providers>
      </body>
    </html>
  )
}
