import '@mantine/core/styles.layer.css'
import '@mantine/spotlight/styles.layer.css'
import './globals.css'
import './shared.css'
import './print.css'
import type { Metadata, Viewport } from 'next'
import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { interFont } from '@/components/shell/theme/inter-font'
import { SchemeScript } from '@/components/shell/theme/scheme-script'
import { TokenStyle } from '@/components/shell/theme/token-style'

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
  return (
    <html lang="en" className={interFont.variable} data-mantine-color-scheme="light" suppressHydrationWarning>
      <head>
        <SchemeScript nonce={nonce} />
        <TokenStyle nonce={nonce} />
      </head>
      <body>{children}</body>
    </html>
  )
}
