import type { ReactNode } from 'react'

type CodeBlockProps = {
  /** Says what it is, for those who do not see it. */
  label: string
  className?: string | undefined
  children: ReactNode
}

/** Code to be read and copied. It may scroll, so it takes the focus: then it scrolls from the keyboard. */
export function CodeBlock({ label, className, children }: CodeBlockProps) {
  return (
    <pre className={className} {...{ role: 'region', 'aria-label': label, tabIndex: 0 }}>
      {children}
    </pre>
  )
}
