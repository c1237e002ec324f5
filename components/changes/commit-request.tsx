import { CodeBlock } from '@/components/ui/values/code-block'
import { CopyButton } from '@/components/ui/controls/copy-button'
import classes from './commit-request.module.css'

/** The exact request of a commit, to read before it is sent. */
export function CommitRequest({ path, body }: { path: string; body: string }) {
  return (
    <section aria-label="The commit">
      <div className={classes.head}>
        <h3>The commit</h3>
        <CopyButton value={body} label="request" />
      </div>
      <CodeBlock label="Request" className={classes.request}>
        <span className={classes.method}>POST</span> {path}
        {'\n'}
        {body}
      </CodeBlock>
    </section>
  )
}
