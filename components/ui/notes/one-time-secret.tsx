'use client'
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { WarningNote } from './warning-note'
import { CodeBlock } from '../values/code-block'
import { CopyButton } from '@/components/ui/controls/copy-button'
import classes from '@/components/ui/controls/dialog-form.module.css'

/**
 * A secret that is shown once, in a dialog that only its button closes.
 *
 * @param props.noun for example `token`
 * @param props.children instructions, and what the secret allows
 */
export function OneTimeSecret({
  noun,
  text,
  onDone,
  children,
}: {
  noun: string
  text: string
  onDone: () => void
  children: ReactNode
}) {
  return (
    <div className={classes.form} ref={takeFocus} tabIndex={-1}>
      <WarningNote>{children}</WarningNote>
      <div className={classes.secret}>
        <CodeBlock label={noun.charAt(0).toUpperCase() + noun.slice(1)} className={classes.text}>
          {text}
        </CodeBlock>
        <CopyButton value={text} label={noun} />
      </div>
      <div className="flow gap-8 to-end">
        <Button onClick={onDone}>I’ve copied it</Button>
      </div>
    </div>
  )
}

/** Focuses the dialog's content, not its button, so that a second Enter does not close it. */
function takeFocus(element: HTMLElement | null): void {
  element?.focus()
}
