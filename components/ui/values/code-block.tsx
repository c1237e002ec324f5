import type { ReactNode } from 'react'

type CodeBlockProps = {
  /** Accessible name. */
  label: string
  className?: string | undefined
  children: ReactNode
}

/** Code to read and copy. It is focusable, so that the keyboard can scroll it. */
export function CodeBlock({ label, className, children }: CodeBlockProps) {
  return (
    <pre className={className} {...{ role: 'region', 'aria-label': label, tabIndex: 0 }}>
      {children}
    </pre>
  )
}
